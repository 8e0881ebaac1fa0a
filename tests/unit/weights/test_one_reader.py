"""Files from outside are opened by the readers of this package alone: no other code calls one that could run them."""

import ast
from importlib.resources import files
from pathlib import Path

PACKAGE = Path(str(files("mezzotint")))
CARELESS = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
LOADERS = {
    ("torch", "load"),
    ("torch", "jit"),
    ("numpy", "load"),
    ("np", "load"),
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
}


def test_no_module_calls_a_reader_that_runs_what_it_reads() -> None:
    found = list[str]()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    modules = [alias.name.partition(".")[0] for alias in names]
                case ast.ImportFrom(module=str() as module, names=names):
                    modules = [module.partition(".")[0]]
                    found += [f"{path}: {module}.{a.name}" for a in names if (module, a.name) in LOADERS]
                case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if (owner, attribute) in LOADERS:
                    found.append(f"{path}: {owner}.{attribute}")
                    continue
                case _:
                    continue
            found += [f"{path}: import {module}" for module in modules if module in CARELESS]

    assert found == []
