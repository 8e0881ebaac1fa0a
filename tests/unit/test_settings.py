from pathlib import Path

import pytest

from mezzotint import settings
from mezzotint.errors import RequestError, UnknownName
from mezzotint.settings import find_home, read_settings


def _env(home: Path, **more: str) -> dict[str, str]:
    return {"MEZZOTINT_HOME": str(home), **more}


def test_models_and_outputs_lie_under_home(tmp_path: Path):
    found = read_settings(_env(tmp_path))

    assert (found.models, found.outputs) == (tmp_path / "models", tmp_path / "outputs")
    assert (found.device, found.saves_grids) == ("auto", True)


def test_flags_win_over_variables_and_variables_over_the_file(tmp_path: Path):
    (tmp_path / "settings.toml").write_text('device = "mps"\nsaves_grids = false\noutputs_folder = "pictures"\n')

    from_file = read_settings(_env(tmp_path))
    from_variable = read_settings(_env(tmp_path, MEZZOTINT_DEVICE="cuda", MEZZOTINT_SAVES_GRIDS="yes"))
    from_flag = read_settings(_env(tmp_path, MEZZOTINT_DEVICE="cuda"), device="cpu", saves_grids=None)

    assert (from_file.device, from_file.saves_grids, from_file.outputs) == ("mps", False, tmp_path / "pictures")
    assert (from_variable.device, from_variable.saves_grids) == ("cuda", True)
    assert (from_flag.device, from_flag.saves_grids) == ("cpu", False)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("devise = 'cpu'", UnknownName, "no setting 'devise'"),
        ("device = 'gpu'", UnknownName, "no device 'gpu'"),
        ("saves_grids = 'maybe'", RequestError, "must be true or false"),
        ("device = ", RequestError, "cannot read"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, error: type[RequestError], words: str):
    (tmp_path / "settings.toml").write_text(text)

    with pytest.raises(error, match=words):
        read_settings(_env(tmp_path))


def test_home_is_the_checkout_when_run_from_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "src" / "mezzotint").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(settings, "__file__", str(tmp_path / "src" / "mezzotint" / "settings.py"))

    assert find_home({}) == tmp_path
    assert find_home({"MEZZOTINT_HOME": "/somewhere"}) == Path("/somewhere")


def test_home_is_the_users_data_folder_when_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "__file__", str(tmp_path / "site-packages" / "mezzotint" / "settings.py"))
    monkeypatch.setattr(settings, "user_data_path", lambda name, appauthor: tmp_path / name)

    assert find_home({}) == tmp_path / "mezzotint"
