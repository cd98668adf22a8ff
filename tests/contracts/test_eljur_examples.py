"""What is accepted from ElJur: every schema is one, and every example is what its folder says, for two validators."""

import json
from collections import Counter
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest

from ejsync.sources.eljur.mapping import READERS

ROOT = Path(__file__).resolve().parents[2] / "contracts" / "eljur" / "v1"
SCHEMAS = sorted(ROOT.glob("*.schema.json"))


def _examples(which):
    return sorted((ROOT / "examples" / which).glob("*.json"))


def _method(path):
    return path.name.removesuffix(".json").removesuffix(".schema").partition("-")[0]


def _load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _flaws(example, data):
    """The pointers of the flaws, in the eyes of both validators."""
    schema = _load(ROOT / f"{_method(example)}.schema.json")
    rust = {tuple(map(str, e.instance_path)) for e in jsonschema_rs.Draft202012Validator(schema).iter_errors(data)}
    python = {tuple(map(str, e.absolute_path)) for e in jsonschema.Draft202012Validator(schema).iter_errors(data)}
    assert rust == python
    return {"".join(f"/{step}" for step in path) for path in rust}


def test_every_method_that_is_read_has_a_contract():
    """A method is read only if its answer can be judged, and no contract is left over."""
    assert {_method(path) for path in SCHEMAS} == {*(method for _, method in READERS), "auth", "getrules"}


@pytest.mark.parametrize("path", SCHEMAS, ids=_method)
def test_schema_is_valid_and_names_itself(path):
    """The file is a JSON Schema 2020-12 with title, description and the URN of its place."""
    schema = _load(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == f"urn:ejsync:eljur:v1:{_method(path)}"
    assert schema["title"]
    assert schema["description"]


@pytest.mark.parametrize("path", _examples("valid"), ids=lambda path: path.stem)
def test_valid_example(path):
    """The example breaks its schema nowhere."""
    assert _flaws(path, _load(path)) == set()


@pytest.mark.parametrize("path", _examples("invalid"), ids=lambda path: path.stem)
def test_invalid_example(path):
    """The example breaks its schema exactly where it says."""
    document = _load(path)
    assert document.keys() == {"why", "pointer", "data"}
    assert _flaws(path, document["data"]) == {document["pointer"]}


def test_there_are_enough_examples():
    """Every schema has at least two valid and three invalid examples."""
    for which, least in (("valid", 2), ("invalid", 3)):
        counts = Counter(map(_method, _examples(which)))
        assert {_method(path) for path in SCHEMAS if counts[_method(path)] < least} == set()
