"""The house rules that import-linter and ruff cannot see."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "ejsync"
UNIT = ROOT / "tests" / "unit"
MODULES = sorted(path for path in SRC.rglob("*.py") if "versions" not in path.parts)
CONNECTOR_GRAMMAR = {"__init__", "config", "client", "mapping"}
JUNK_DRAWERS = {"util", "utils", "helper", "helpers", "common", "misc", "base", "core", "manager", "service", "types"}
LONGEST_MODULE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 300, 40, 8


def _functions(module):
    return [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef)]


def _length(function):
    """Lines of a function without its docstring: what there is to follow."""
    body = function.body
    has_docstring = ast.get_docstring(function) is not None
    first = body[0].end_lineno + 1 if has_docstring and len(body) > 1 else body[0].lineno
    return function.end_lineno - first + 1


def test_no_junk_drawers():
    """No module has a name that could mean anything."""
    assert set() == JUNK_DRAWERS & {module.stem for module in MODULES}


def test_one_name_one_place():
    """Outside the connector grammar no two modules share a name."""
    stems = Counter(module.stem for module in MODULES if module.stem not in CONNECTOR_GRAMMAR)
    assert {stem: count for stem, count in stems.items() if count > 1} == {}


@pytest.mark.parametrize("family", ["sources", "sinks"])
def test_connectors_speak_one_grammar(family):
    """Every connector folder holds exactly the same four rooms, each a file or a folder."""
    for folder in (path for path in (SRC / family).iterdir() if path.is_dir() and path.name != "__pycache__"):
        rooms = {path.stem for path in folder.iterdir() if path.name != "__pycache__"}
        assert rooms == CONNECTOR_GRAMMAR, folder.name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SRC)))
def test_module_is_small_and_captioned(module):
    """A module fits in one reading, opens with its caption, and no function of it is long."""
    text = module.read_text()
    assert text.count("\n") <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text))
    assert [f.name for f in _functions(module) if _length(f) > LONGEST_FUNCTION] == []


def test_half_of_all_functions_are_short():
    """The median function is at most eight lines long."""
    lengths = sorted(_length(function) for module in MODULES for function in _functions(module))
    assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION


def test_tests_mirror_source():
    """src/ejsync/x/y.py is tested in tests/unit/x/test_y.py."""
    wanted = {
        module.relative_to(SRC).with_name(f"test_{module.name}")
        for module in MODULES
        if not module.stem.startswith("__") and module.parent.name != "migrations"
    }
    present = {path.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert set() == wanted - present


def test_every_test_states_its_truth():
    """Every test function has a one-paragraph docstring that says what it proves."""
    silent = [
        f"{path.relative_to(ROOT)}::{function.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for function in _functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []
