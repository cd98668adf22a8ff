"""The known shape of ElJur's answers, against the contract's own examples."""

import orjson
import pytest
from jsonschema_rs import Draft202012Validator, meta

from ejsync.contracts import Contracts, contracts_dir
from ejsync.sources.eljur.mapping import READERS
from ejsync.sources.eljur.mapping.shapes import SHAPES, Fields, Plain, Rows, strict

EXAMPLES = sorted((contracts_dir() / "eljur" / "v1" / "examples" / "valid").glob("get*.json"))
ODD = {
    "getfinalassessments-object_value",
    "getmarks-boolean_value",
    "getperiods-object_start",
    "getreplaces-two_lessons",
    "getschedule-list_teacher",
    "getschedule-object_items",
}
"""Examples that the contract lets through and that hold a type which the fact sheet does not show."""


def test_every_method_that_is_read_has_a_shape():
    """No page is read whose drift could not be told."""
    assert {method for _, method in READERS} == set(SHAPES)


@pytest.mark.parametrize("method", SHAPES)
def test_a_strict_schema_is_a_schema(method):
    """What a shape is compiled from keeps the metaschema."""
    assert meta.is_valid(strict(SHAPES[method]))


@pytest.mark.parametrize(
    "example", [file for file in EXAMPLES if "getrules" not in file.name], ids=lambda file: file.stem
)
def test_examples_of_the_contract_are_known(example):
    """What the contract shows is known, but for the examples that show odd types on purpose."""
    schema = Draft202012Validator(strict(SHAPES[example.stem.partition("-")[0]]))
    assert schema.is_valid(orjson.loads(example.read_bytes())) is (example.stem not in ODD)


@pytest.mark.parametrize("method", SHAPES)
def test_no_key_of_the_contract_is_unknown(method):
    """Every key that the contract of a method names stands in its shape, at the same place."""
    schema = Contracts().schema(f"eljur/v1/{method}")
    assert set(_named(schema, schema["$defs"], "")) <= set(_known(SHAPES[method], ""))


def _named(schema, definitions, place):
    """Yield the places of a contract that are named."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for key, inner in schema.get("properties", {}).items():
        yield f"{place}.{key}"
        yield from _named(inner, definitions, f"{place}.{key}")
    if isinstance(schema.get("items"), dict):
        yield from _named(schema["items"], definitions, f"{place}.*")


def _known(shape, place):
    """Yield the places of a shape that are named."""
    match shape:
        case Plain():
            return
        case Rows(of):
            yield from _known(of, f"{place}.*")
        case Fields(fields, listed):
            for key, inner in fields.items():
                yield f"{place}.{key}"
                yield from _known(inner, f"{place}.{key}")
            if listed:
                yield from _known(listed, f"{place}.*")
