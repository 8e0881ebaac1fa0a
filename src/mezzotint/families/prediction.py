"""What a file says of its training: whether its network predicts noise or velocity."""

import re

from mezzotint.diffusion.noise_process import Prediction
from mezzotint.weights.safetensors import Header

_METADATA = ("modelspec.prediction_type", "modelspec.predict_key")
_WORDS: dict[str, Prediction] = {"v": "velocity", "eps": "noise", "epsilon": "noise"}
_PARAMETERIZATION = re.compile(r"""^\s*parameterization\s*:\s*["']?(\w+)["']?\s*(?:\#.*)?$""", re.MULTILINE)
_SCALING = re.compile(r"""^\s*target\s*:\s*["']?[\w.]+\.(V|Eps)Scaling["']?\s*(?:\#.*)?$""", re.MULTILINE)


def told_prediction(header: Header, sidecar: str = "") -> Prediction | None:
    """What the sidecar says, else the metadata, else a marker among the tensors; None if all are silent.

    ``sidecar`` is the text of the configuration that some files have beside them (``NAME.yaml``).
    """
    return _of_sidecar(sidecar) or _of_metadata(header) or ("velocity" if "v_pred" in header.entries else None)


def _of_sidecar(text: str) -> Prediction | None:
    if found := _PARAMETERIZATION.search(text):
        return _WORDS.get(found[1])
    if found := _SCALING.search(text):
        return _WORDS[found[1].lower()]
    return None


def _of_metadata(header: Header) -> Prediction | None:
    for key in _METADATA:
        if said := _WORDS.get(header.metadata.get(key, "").lower()):
            return said
    return "velocity" if header.metadata.get("ss_base_model_version", "").endswith("_v") else None
