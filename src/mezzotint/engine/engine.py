"""The engine: owns the loaded models and the device they are on."""

from collections import OrderedDict
from pathlib import Path

import torch

from mezzotint.engine.catalog import Catalog, Entry
from mezzotint.engine.loading import load_model
from mezzotint.engine.memory import model_budget, naming_out_of_memory, pick_device
from mezzotint.families.family import Model, ModelFile
from mezzotint.weights.hashes import remembered_sha256


class Engine:
    """Models by name, loaded on first use, kept while there is room. ``home`` has ``models/`` and ``cache/``."""

    def __init__(
        self, home: Path, device: str = "auto", *, catalog: Catalog | None = None, budget_bytes: int | None = None
    ) -> None:
        """``device`` is "auto", "cpu", "cuda", "cuda:1", … or "mps"; ``budget_bytes`` bounds the weights kept."""
        self.device: torch.device = pick_device(device)
        self.catalog = catalog or Catalog(home)
        self._hashes = home / "cache" / "hashes.json"
        self._budget = model_budget(self.device) if budget_bytes is None else budget_bytes
        self._loaded: OrderedDict[str, Model] = OrderedDict()

    def load(self, ref: str = "") -> Model:
        """The model of that name or path, "" being the embedded one. The least recently used makes room for a new one.

        Raises UnknownName, ModelFileError or OutOfMemory.
        """
        entry = self.catalog.find(ref)
        digest = remembered_sha256(entry.path, self._hashes)  # so that a file changed on disk is loaded anew
        if digest not in self._loaded:
            self._make_room(entry)
            with naming_out_of_memory():
                self._loaded[digest] = load_model(ModelFile(entry.name, entry.path, digest), self.device)
        self._loaded.move_to_end(digest)
        return self._loaded[digest]

    def free(self) -> None:
        """Forget all loaded models."""
        self._loaded.clear()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _make_room(self, entry: Entry) -> None:
        coming = entry.path.stat().st_size
        while self._loaded and coming + sum(model.size_bytes for model in self._loaded.values()) > self._budget:
            self._loaded.popitem(last=False)
