import logging
import os
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from mezzotint import __version__, registry
from mezzotint.cli import COMMANDS

HELP_AT_MOST_S = 0.5  # of processor time, 0.2 on a laptop: the clock would also count whatever else the machine does


def test_help_names_every_command(mezzotint):
    said = mezzotint("--help")

    assert said.code == 0
    assert all(f" {name} " in said.out for name in COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(mezzotint, name: str):
    said = mezzotint(name, "--help")

    assert said.code == 0 and "Usage" in said.out


def test_the_version_is_told(mezzotint):
    assert mezzotint("--version").out == f"mezzotint {__version__}\n"


def test_a_flag_that_does_not_exist_is_a_usage_error(mezzotint):
    said = mezzotint("txt2img", "a", "--sed", "1")

    assert said.code == 2 and "--seed" in said.err


def test_help_is_quick_and_loads_no_torch():
    code = (
        "import sys\nfrom mezzotint.cli.app import main\ntry:\n    main(['--help'])\nfinally:\n"
        "    sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    before = os.times()

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"torch", "numpy", "pydantic", "PIL", "jaxtyping"} & set(done.stderr.split())
    after = os.times()
    spent_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent_s < HELP_AT_MOST_S


def test_python_m_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "mezzotint", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"mezzotint {__version__}\n"


def test_a_broken_plugin_is_named_and_stops_nothing(mezzotint, monkeypatch: pytest.MonkeyPatch):
    broken = EntryPoint("extra", "no_such_package:register", "mezzotint.commands")
    monkeypatch.setattr(registry, "entry_points", lambda *, group: [broken])
    monkeypatch.delitem(COMMANDS.__dict__, "_plugins", raising=False)
    logging.getLogger("mezzotint.registry").addHandler(logging.NullHandler())

    said = mezzotint("--version")

    monkeypatch.delitem(COMMANDS.__dict__, "_plugins")
    assert said.code == 0
    assert "command 'extra' from no_such_package:register does not load" in said.err
