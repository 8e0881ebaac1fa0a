"""What several folders of tests share: a home folder with a small model in it, made once."""

from pathlib import Path

import pytest

from mezzotint.families.mezzo import MEZZO
from tests.factories import write_checkpoint


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder whose one model, ``small``, is of the family mezzo and has random weights. Not to be written to."""
    home = tmp_path_factory.mktemp("home")
    write_checkpoint(home / "models" / "Stable-diffusion" / "small.safetensors", MEZZO)
    return home
