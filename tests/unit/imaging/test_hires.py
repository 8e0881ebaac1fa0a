import pytest
import torch

from mezzotint.errors import RequestError
from mezzotint.imaging.hires import hires_size, old_first_pass

# first pass, how, upscaled to, cells of latents, cells trimmed, final
TABLE = [
    ((512, 512), {"scale": 2.0}, (1024, 1024), (128, 128), (0, 0), (1024, 1024)),
    ((512, 768), {"scale": 1.5}, (768, 1152), (96, 144), (0, 0), (768, 1152)),
    ((512, 512), {"scale": 1.3}, (665, 665), (83, 83), (0, 0), (664, 664)),
    ((512, 768), {"resize_height": 1024}, (682, 1024), (85, 128), (0, 0), (680, 1024)),
    ((512, 768), {"resize_width": 1024}, (1024, 1536), (128, 192), (0, 0), (1024, 1536)),
    ((512, 512), {"resize_width": 1024, "resize_height": 768}, (1024, 1024), (128, 128), (0, 32), (1024, 768)),
    ((512, 768), {"resize_width": 1024, "resize_height": 1024}, (1024, 1536), (128, 192), (0, 64), (1024, 1024)),
    ((768, 512), {"resize_width": 1024, "resize_height": 1024}, (1536, 1024), (192, 128), (64, 0), (1024, 1024)),
]


@pytest.mark.parametrize("first, how, upscaled, cells, trimmed, final", TABLE)
def test_sizes_of_the_second_pass(first, how, upscaled, cells, trimmed, final):
    size = hires_size(*first, **how)

    assert (size.upscaled, size.cells, size.trimmed, size.final) == (upscaled, cells, trimmed, final)


@pytest.mark.parametrize("first, how, upscaled, cells, trimmed, final", TABLE)
def test_trimmed_latents_have_the_final_size(first, how, upscaled, cells, trimmed, final):
    size = hires_size(*first, **how)

    latents = size.trim(torch.zeros(1, 4, cells[1], cells[0]))

    assert latents.shape[2:] == (final[1] // 8, final[0] // 8)


def test_an_odd_cell_is_trimmed_from_the_end():
    size = hires_size(512, 512, resize_width=1024, resize_height=1000)  # 3 cells too high
    rows = torch.arange(128.0).reshape(1, 1, 128, 1).expand(1, 1, 128, 128)

    kept = size.trim(rows)[0, 0, :, 0]

    assert size.trimmed == (0, 3)
    assert (kept[0].item(), kept[-1].item()) == (1, 125)


def test_a_second_pass_of_nothing_is_told():
    with pytest.raises(RequestError, match="less than 8 px"):
        hires_size(64, 64, scale=0.1)


@pytest.mark.parametrize(
    "final, first",
    [
        ((1024, 1024), (512, 512)),
        ((1024, 768), (640, 448)),
        ((512, 1024), (384, 768)),
        ((2048, 1024), (768, 384)),
    ],
)
def test_first_pass_of_old_pictures(final, first):
    assert old_first_pass(*final) == first
