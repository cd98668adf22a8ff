"""Every schema is one, every example is what its folder says, and two independent validators agree on that."""

import json
from collections import Counter
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.readers import read_from_filename

ROOT = Path(__file__).resolve().parents[2] / "contracts"
FOLDERS = [ROOT / "ed" / "v1", ROOT / "audit" / "v1"]
SCHEMAS = sorted(path for folder in FOLDERS for path in folder.glob("*.schema.json"))
OPENAPI = ROOT / "ed" / "v1" / "openapi.json"
NOT_KINDS = {"batch", "receipt", "digest", "records", "erasure", "problem", "token"}
KINDS = [
    "absence",
    "calendar_day",
    "class_teacher",
    "contact",
    "control_work",
    "final_mark",
    "final_state",
    "forecast",
    "homework",
    "lesson",
    "lesson_change",
    "lesson_statistics",
    "mark",
    "period",
    "pupil",
    "recommendation",
    "school_class",
    "teacher",
]


def _examples(which: str) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (folder / "examples" / which).glob("*.json"))


def _name(path: Path) -> str:
    return path.name.removesuffix(".json").removesuffix(".schema")


def _load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def _schema_of(example: Path) -> Path:
    return example.parents[2] / f"{example.stem.partition('-')[0]}.schema.json"


def _pointer(path) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _flaws_by_rust(schema: Path, data) -> set[str]:
    validator = jsonschema_rs.Draft202012Validator(_load(schema), validate_formats=True)
    return {_pointer(error.instance_path) for error in validator.iter_errors(data)}


def _flaws_by_python(schema: Path, data) -> set[str]:
    kind = jsonschema.Draft202012Validator
    validator = kind(_load(schema), format_checker=kind.FORMAT_CHECKER)
    return {_pointer(error.absolute_path) for error in validator.iter_errors(data)}


def _objects(node):
    """Every place of a schema that describes an object by its properties."""
    if isinstance(node, dict):
        if "properties" in node and "type" in node:
            yield node
        for value in node.values():
            yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def test_the_kinds_are_these():
    """The contract ed/v1 has these kinds and no other."""
    found = {_name(path) for path in (ROOT / "ed" / "v1").glob("*.schema.json")} - NOT_KINDS
    assert sorted(found) == KINDS


@pytest.mark.parametrize("schema", SCHEMAS, ids=_name)
def test_schema_is_valid(schema):
    """The file is a JSON Schema 2020-12 that names itself by a URN of its folder and file."""
    document = _load(schema)
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema_rs.meta.validate(document)
    border, version = schema.parts[-3:-1]
    assert document["$id"] == f"urn:ejsync:{border}:{version}:{_name(schema)}"
    assert document["title"]
    assert document["description"]


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_closed(kind):
    """A kind's objects allow no unknown property, require every known one, and explain each."""
    for node in _objects(_load(ROOT / "ed" / "v1" / f"{kind}.schema.json")):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
        assert all("description" in part or "$ref" in part for part in node["properties"].values())


def test_shared_definitions_do_not_drift():
    """A definition of the same name is the same in every schema of the folder."""
    seen: dict[str, object] = {}
    for kind in KINDS:
        for name, definition in _load(ROOT / "ed" / "v1" / f"{kind}.schema.json").get("$defs", {}).items():
            assert seen.setdefault(name, definition) == definition


@pytest.mark.parametrize("example", _examples("valid"), ids=_name)
def test_valid_example(example):
    """The example breaks its schema nowhere, in the eyes of either validator."""
    data = _load(example)
    assert _flaws_by_rust(_schema_of(example), data) == set()
    assert _flaws_by_python(_schema_of(example), data) == set()


@pytest.mark.parametrize("example", _examples("invalid"), ids=_name)
def test_invalid_example(example):
    """The example breaks its schema exactly where it says, in the eyes of both validators."""
    document = _load(example)
    assert document.keys() == {"why", "pointer", "data"}
    assert document["why"]
    assert _flaws_by_rust(_schema_of(example), document["data"]) == {document["pointer"]}
    assert _flaws_by_python(_schema_of(example), document["data"]) == {document["pointer"]}


@pytest.mark.parametrize("schema", SCHEMAS, ids=_name)
def test_there_are_enough_examples(schema):
    """Every schema has at least two valid and three invalid examples."""
    for which, least in (("valid", 2), ("invalid", 3)):
        assert Counter(_schema_of(example) for example in _examples(which))[schema] >= least


def test_openapi_is_valid():
    """The exchange's description is a valid OpenAPI 3.1 document with every reference resolved."""
    document, base_uri = read_from_filename(str(OPENAPI))
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document, base_uri=base_uri).validate()


def test_openapi_references_exist():
    """Every schema file the OpenAPI document refers to lies beside it."""
    text = OPENAPI.read_text(encoding="utf-8")
    names = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    files = {name.partition("#")[0] for name in names} - {""}
    assert "batch.schema.json" in files
    assert all((OPENAPI.parent / name).is_file() for name in files)


def test_openapi_examples_keep_their_schemas():
    """Every JSON example of the OpenAPI document is valid against the schema it stands beside."""
    checked = 0
    for media in _media(_load(OPENAPI)):
        reference = media["schema"].get("$ref", "")
        if reference.endswith(".schema.json"):
            for example in media["examples"].values():
                assert _flaws_by_rust(OPENAPI.parent / reference, example["value"]) == set()
                checked += 1
    assert checked >= 10


def _media(node):
    """Every media type object of an OpenAPI document."""
    if isinstance(node, dict):
        if "schema" in node and "examples" in node:
            yield node
        for value in node.values():
            yield from _media(value)
    elif isinstance(node, list):
        for value in node:
            yield from _media(value)
