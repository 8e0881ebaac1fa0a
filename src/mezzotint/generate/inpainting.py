"""What a mask makes of img2img: which part is worked on, what lies in the hole, and how the result is put back."""

from dataclasses import dataclass, replace

import torch
from PIL import Image

from mezzotint.contract.parts import Mask as MaskPart
from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.guidance.inpainting import Blend, original_outside
from mezzotint.diffusion.guidance.soft_inpainting import soft_outside
from mezzotint.families.family import Model
from mezzotint.generate.start import FirstPicture, encoded
from mezzotint.imaging.colour import on_background
from mezzotint.imaging.files import pixel_hash
from mezzotint.imaging.inputs import mask_picture
from mezzotint.imaging.masks import blurred, inverted, latent_mask, overlay_mask
from mezzotint.imaging.overlay import filled, kept_part, laid_over
from mezzotint.imaging.regions import Region, masked_region
from mezzotint.imaging.resize import RESIZERS
from mezzotint.imaging.soft import SoftComposite, soft_mask
from mezzotint.shapes import Latents, Mask


@dataclass(frozen=True, eq=False)
class Inpainting:
    """A mask at work. ``first`` is the picture with its hole, as given and at the size to work at.

    ``old`` is the picture that the result is laid into, ``mask`` blurred and of its size; ``region`` is the part worked
    on, None for all of it. ``cells`` is the mask over latents, 1 where to repaint.
    """

    first: FirstPicture
    part: MaskPart
    old: Image.Image
    mask: Image.Image
    work_mask: Image.Image
    region: Region | None
    cells: Mask
    mask_hash: str

    def blend(self) -> Blend:
        """What puts the start picture's latents back outside the mask."""
        soft = self.part.soft
        if soft is None:
            return original_outside(self.cells, self.first.latents)
        return soft_outside(
            self.cells,
            self.first.latents,
            schedule_bias=soft.schedule_bias,
            preservation=soft.preservation_strength,
            contrast_boost=soft.transition_contrast_boost,
        )

    def begin(self, noise: Latents) -> Latents:
        """The latents to start from; ``noise`` is the pictures' own, of unit variance."""
        if self.part.fill == "latent noise":
            return self.first.latents * (1 - self.cells) + noise * self.cells
        if self.part.fill == "latent nothing":
            return self.first.latents * (1 - self.cells)
        return self.first.latents

    def finished(self, image: Image.Image, latents: Latents) -> Image.Image:
        """The picture put back where it belongs, the old one over it where nothing was to change."""
        mask = self._result_mask(latents)
        whole = image if self.region is None else self.region.put(image, Image.new("RGB", self.old.size))
        if not self.part.overlay:
            return image if self.region is None else self.region.put(image, self.old)
        return laid_over(whole, kept_part(self.old, mask))

    def _result_mask(self, latents: Latents) -> Image.Image:
        """White where the new picture shows, of the old one's size."""
        soft = self.part.soft
        if soft is None:
            return overlay_mask(self.mask) if self.region is None else self.mask
        shown = soft_mask(
            self.first.latents[0],
            latents[0],
            self.cells[0, 0],
            *self.first.fitted.size,
            how=SoftComposite(
                soft.preservation_strength,
                soft.mask_influence,
                soft.difference_threshold,
                soft.difference_contrast,
            ),
        )
        return shown if self.region is None else self.region.put(shown, Image.new("L", self.old.size))


def inpainting(model: Model, request: GenerationRequest, first: FirstPicture) -> Inpainting | None:
    """The mask of a request at work on its start picture; None if it is black all over.

    Raises RequestError or DamagedFile if the mask cannot be read.
    """
    part = request.mask
    assert part is not None
    mask = given = mask_picture(part)
    if mask.size != first.given.size:
        mask = mask.resize(first.given.size, Image.Resampling.LANCZOS)
    if part.invert:
        mask = inverted(mask)
    mask = blurred(mask, part.blur_x, part.blur_y)
    if mask.getbbox() is None:
        return None
    width, height = first.fitted.size
    region = masked_region(mask, width, height, padding_px=part.padding) if part.area == "only masked" else None
    if region is not None:
        old, work, work_mask = first.given, region.cut(first.given, width, height), region.cut(mask, width, height)
    else:
        fit = "stretch" if request.init is None or request.init.fit == "latent" else request.init.fit
        mask = work_mask = RESIZERS[fit](mask, width, height)
        old = work = first.fitted
    if part.fill == "fill":
        work = filled(work, work_mask)
    work = on_background(work)
    is_unchanged = region is None and part.fill != "fill"
    latents = first.latents if is_unchanged else encoded(model, work)
    cell = model.family.latents.cell_px
    cells = latent_mask(work_mask, width // cell, height // cell, is_rounded=part.is_rounded and part.soft is None).to(
        latents.device
    )
    return Inpainting(
        first=replace(first, fitted=work, latents=latents),
        part=part,
        old=old,
        mask=mask,
        work_mask=work_mask,
        region=region,
        cells=cells,
        mask_hash=pixel_hash(given),
    )


def whole_mask(latents: Latents) -> Mask:
    """A mask over all cells, for models made for inpainting that are asked for a picture from words alone."""
    return torch.ones_like(latents[:1, :1])
