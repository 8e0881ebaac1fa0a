"""Upscalers in the files that people share them as."""

from pathlib import Path

import pytest
import torch

from mezzotint.errors import DamagedFile, MissingWeights, ModelFileError, UnrecognisedModel
from mezzotint.upscalers.files import load_upscaler, upscaler_in
from mezzotint.upscalers.networks import load_network
from tests.unit.upscalers.saved import SCALES, write_upscaler


@pytest.mark.parametrize("name", SCALES)
def test_a_file_is_an_upscaler_of_its_own_scale_and_weights(tmp_path: Path, name: str) -> None:
    tensors = write_upscaler(tmp_path / name)
    pixels = torch.rand(1, 3, 6, 8)

    upscaler, network = upscaler_in(tmp_path / name, "mine"), load_upscaler(tmp_path / name)

    assert (upscaler.name, upscaler.scale, upscaler.weights) == ("mine", SCALES[name], tmp_path / name)
    assert torch.equal(network(pixels), load_network(tensors)(pixels))
    assert network(pixels).shape == (1, 3, 6 * SCALES[name], 8 * SCALES[name])


@pytest.mark.parametrize("name", SCALES)
def test_a_file_that_is_cut_short_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_upscaler(path)
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(DamagedFile, match=f"^{name}: "):
        upscaler_in(path, "mine")


def test_another_network_is_told_by_its_files_name(tmp_path: Path) -> None:
    torch.save({"params": {"layers.0.weight": torch.zeros(2, 2)}}, tmp_path / "SwinIR.pth")

    for use in (lambda path: upscaler_in(path, "mine"), load_upscaler):
        with pytest.raises(UnrecognisedModel, match=r"^SwinIR\.pth: ") as caught:
            use(tmp_path / "SwinIR.pth")
        assert "ESRGAN" in caught.value.hint


def test_missing_weights_are_told_by_their_files_name(tmp_path: Path) -> None:
    tensors = write_upscaler(tmp_path / "old.pth")
    del tensors["model.1.sub.0.RDB2.conv3.0.weight"]
    torch.save(tensors, tmp_path / "old.pth")

    with pytest.raises(MissingWeights, match=r"^old\.pth: 1 of \d+ tensors are missing: body\.0\.rdb2\.conv3\.weight"):
        load_upscaler(tmp_path / "old.pth")


def test_what_is_no_model_file_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.pth").write_text("<html>not found</html>")

    with pytest.raises(ModelFileError, match=r"^page\.pth: "):
        upscaler_in(tmp_path / "page.pth", "mine")
