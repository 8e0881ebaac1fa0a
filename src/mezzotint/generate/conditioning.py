"""From a pass's prompts to what the network is told, call by call."""

from dataclasses import dataclass, replace

from torch import Tensor

from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.guidance.cfg import Weighted
from mezzotint.diffusion.timelines import Timeline
from mezzotint.families.family import Frame, Model
from mezzotint.families.text import encode_schedule
from mezzotint.prompt.reading import ReadPrompt
from mezzotint.prompt.schedule import Entries
from mezzotint.shapes import Context


@dataclass(frozen=True, eq=False)
class Told:
    """What guides a pass: the prompts joined by AND, and the negative one."""

    positive: list[Weighted]
    negative: Timeline[Conditioning]


@dataclass(frozen=True, eq=False)
class Words:
    """Prompts as a model's conditioning. ``labels`` are those of families that are told a class or a noise level."""

    model: Model
    request: GenerationRequest
    frame: Frame
    labels: Tensor | None = None

    def told(self, positive: ReadPrompt, negative: ReadPrompt, concat: Tensor | None = None) -> Told:
        """The prompts of a pass as timelines; ``concat`` are further input channels beside the latents."""
        return Told(
            positive=[Weighted(self._timeline(part.entries, concat), part.weight) for part in positive.parts],
            negative=self._timeline(negative.parts[0].entries, concat, is_negative=True),
        )

    def empty(self) -> Context:
        """What the network is told of an empty prompt."""
        return self._timeline(((0, ""),), None).at(0).context

    def _timeline(
        self, entries: Entries, concat: Tensor | None, *, is_negative: bool = False
    ) -> Timeline[Conditioning]:
        texts = encode_schedule(
            self.model,
            [text for _, text in entries],
            self.request.clip_skip,
            asked=self.request.clip_l_skip,
            is_negative=is_negative,
            emphasis=self.request.emphasis,
            comma_backtrack=self.request.comma_backtrack,
        )
        frame = self.frame.of_negative() if is_negative else self.frame
        told = [replace(self.model.family.condition(text, frame), concat=concat, labels=self.labels) for text in texts]
        return Timeline(tuple((last, each) for (last, _), each in zip(entries, told, strict=True)))
