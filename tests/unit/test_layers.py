"""The architecture: its layers, held by import-linter, and its listing in the documentation."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(str(files("mezzotint")))


_LINT = f"""
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename={str(ROOT / "pyproject.toml")!r}, no_cache=True, no_logo=True))
"""


def test_folders_import_only_from_layers_below_their_own():
    # In a process of its own, since the linter silences every logger that there is.
    done = subprocess.run([sys.executable, "-c", _LINT], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_architecture_document_lists_every_folder_and_module():
    parts = [path for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"]
    names = [f"{part.name}/" if part.is_dir() else part.name for part in parts if part.name[0] != "_"]
    listing = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

    missing = [name for name in names if f"─ {name}" not in listing]

    assert missing == []
