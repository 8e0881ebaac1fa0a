"""From a request's prompts to what the network is told."""

from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.families.family import Frame, Model
from mezzotint.families.text import encode_prompt


def conditionings(model: Model, request: GenerationRequest, frame: Frame) -> tuple[Conditioning, Conditioning | None]:
    """Positive and negative prompt encoded; no negative at a guidance scale of 1, where it has no effect."""

    def condition(text: str) -> Conditioning:
        return model.family.condition(encode_prompt(model, text, request.clip_skip), frame)

    return condition(request.prompt), None if request.cfg_scale == 1 else condition(request.negative)
