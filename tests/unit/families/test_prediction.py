"""What a file says of its training is found beside it, in its metadata and among its tensors, in that order."""

import pytest

from mezzotint.families.prediction import told_prediction
from tests.factories import header_of

PLAIN = {"x": (1,)}
A_SIDECAR = """
model:
  target: ldm.models.diffusion.ddpm.LatentDiffusion
  params:
    parameterization: {}  # as trained
    # parameterization: "x0"
"""
SGM_SIDECAR = """
model:
  params:
    denoiser_config:
      params:
        scaling_config:
          target: sgm.modules.diffusionmodules.denoiser_scaling.{}
"""


def test_silence_is_none() -> None:
    assert told_prediction(header_of(PLAIN)) is None
    assert told_prediction(header_of(PLAIN, {"modelspec.title": "v"}), "model:\n  target: x\n") is None


@pytest.mark.parametrize(
    ("sidecar", "prediction"),
    [
        (A_SIDECAR.format("v"), "velocity"),
        (A_SIDECAR.format('"v"'), "velocity"),
        (A_SIDECAR.format("eps"), "noise"),
        (SGM_SIDECAR.format("VScaling"), "velocity"),
        (SGM_SIDECAR.format("EpsScaling"), "noise"),
        (SGM_SIDECAR.format("VScalingWithEDMcNoise"), None),
        ("# parameterization: v", None),
    ],
)
def test_the_configuration_beside_a_file_is_read(sidecar: str, prediction: str | None) -> None:
    assert told_prediction(header_of(PLAIN), sidecar) == prediction


@pytest.mark.parametrize(
    ("metadata", "prediction"),
    [
        ({"modelspec.prediction_type": "v"}, "velocity"),
        ({"modelspec.prediction_type": "epsilon"}, "noise"),
        ({"modelspec.predict_key": "v"}, "velocity"),
        ({"ss_base_model_version": "sd_v2_v"}, "velocity"),
        ({"ss_base_model_version": "sd_v1"}, None),
        ({"modelspec.prediction_type": "epsilon", "ss_base_model_version": "sd_v2_v"}, "noise"),
    ],
)
def test_metadata_is_read(metadata: dict[str, str], prediction: str | None) -> None:
    assert told_prediction(header_of(PLAIN, metadata)) == prediction


def test_the_sidecar_counts_most_and_the_marker_least() -> None:
    marker = PLAIN | {"v_pred": (0,)}
    epsilon = {"modelspec.prediction_type": "epsilon"}

    assert told_prediction(header_of(marker)) == "velocity"
    assert told_prediction(header_of(marker, epsilon)) == "noise"
    assert told_prediction(header_of(marker, epsilon), A_SIDECAR.format("v")) == "velocity"
