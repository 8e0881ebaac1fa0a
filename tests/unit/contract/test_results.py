from PIL import Image

from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import GenerationResult, Picture


def test_a_picture_knows_its_own_seed():
    picture = Picture(Image.new("RGB", (8, 8)), GenerationRequest(prompt="x", seed=7), "x")

    assert picture.seed == 7


def test_results_do_not_share_timings():
    first, second = GenerationResult(()), GenerationResult(())

    assert first.timings == {} and first.timings is not second.timings
    assert not first.was_stopped
