"""The engine: owns the loaded models and the device they are on."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import torch

from mezzotint.engine.catalog import Catalog
from mezzotint.engine.loading import load_autoencoder, load_model, load_tiny_decoder
from mezzotint.engine.memory import model_budget, naming_out_of_memory, pick_device
from mezzotint.families.family import Family, Model, ModelFile
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.tiny_autoencoder import TinyDecoder
from mezzotint.weights.folders import weight_files
from mezzotint.weights.hashes import remembered_sha256


class Engine:
    """Models by name, loaded on first use, kept while there is room. ``home`` has ``models/`` and ``cache/``."""

    def __init__(
        self, home: Path, device: str = "auto", *, catalog: Catalog | None = None, budget_bytes: int | None = None
    ) -> None:
        """``device`` is "auto", "cpu", "cuda", "cuda:1", … or "mps"; ``budget_bytes`` bounds the weights kept."""
        self.device: torch.device = pick_device(device)
        self.catalog = catalog or Catalog(home)
        self._hashes = home / "cache" / "hashes.sqlite"
        self._budget = model_budget(self.device) if budget_bytes is None else budget_bytes
        self._loaded: OrderedDict[str, Model] = OrderedDict()
        self._autoencoders = dict[str, Autoencoder]()
        self._looks = dict[Path, TinyDecoder]()

    def load(self, ref: str = "", vae: str = "") -> Model:
        """The model of that name or path, "" being the embedded one. The least recently used makes room for a new one.

        ``vae`` names another autoencoder, "None" its own, "" the one beside its file if there is one. Raises
        UnknownName, ModelFileError or OutOfMemory.
        """
        # the hash tells whether a file was changed on disk, and is loaded anew
        source, spare = self.source(ref), self.vae(ref, vae)
        if source.sha256 not in self._loaded:
            self._make_room(source)
            with naming_out_of_memory(), torch.inference_mode(mode=False):  # or its weights could not be changed later
                self._loaded[source.sha256] = load_model(source, self.device, spare=spare and spare.path)
        self._loaded.move_to_end(source.sha256)
        model = self._loaded[source.sha256]
        return model if spare is None else replace(model, autoencoder=self._autoencoder(spare, model.family))

    def vae(self, ref: str = "", vae: str = "") -> ModelFile | None:
        """The file that the autoencoder is taken from, None for the model's own. Raises UnknownName."""
        entry = self.catalog.find_vae(vae, self.catalog.find(ref))
        if entry is None:
            return None
        return ModelFile(entry.path.name, entry.path, remembered_sha256(entry.path, self._hashes))

    def source(self, ref: str = "") -> ModelFile:
        """The file of that name or path, with its hash; nothing is loaded. Raises UnknownName or ModelFileError."""
        entry = self.catalog.find(ref)
        return ModelFile(entry.name, entry.path, remembered_sha256(entry.path, self._hashes))

    def quick_look(self, family: Family) -> TinyDecoder | None:
        """The family's decoder for quick looks, None where there is no file of it.

        Raises ModelFileError if its file is damaged.
        """
        part = family.tiny_autoencoder
        path = part and self.catalog.quick_look(part.name)
        if part is None or path is None:
            return None
        if path not in self._looks:
            with torch.inference_mode(mode=False):
                self._looks[path] = load_tiny_decoder(path, part.config, device=self.device)
        return self._looks[path]

    def free(self) -> None:
        """Forget all loaded models."""
        self._loaded.clear()
        self._looks.clear()
        self._autoencoders.clear()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _autoencoder(self, file: ModelFile, family: Family) -> Autoencoder:
        if file.sha256 not in self._autoencoders:
            self._autoencoders.clear()  # one is kept: they are chosen for long
            with naming_out_of_memory(), torch.inference_mode(mode=False):
                self._autoencoders[file.sha256] = load_autoencoder(file.path, family, self.device)
        return self._autoencoders[file.sha256]

    def _make_room(self, source: ModelFile) -> None:
        files = weight_files(source.path) if source.path.is_dir() else [source.path]
        coming = sum(file.stat().st_size for file in files)
        while self._loaded and coming + sum(model.size_bytes for model in self._loaded.values()) > self._budget:
            self._loaded.popitem(last=False)
