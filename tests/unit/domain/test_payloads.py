"""Payload types and contracts do not drift apart."""

import typing

import pytest

from ejsync.contracts import Contracts
from ejsync.domain import derived_payloads, payloads
from ejsync.domain.records import Kind

TYPES = vars(payloads) | vars(derived_payloads)
TYPE_OF = {kind: TYPES["".join(word.capitalize() for word in kind.value.split("_"))] for kind in Kind}


def shape(schema, root):
    """Names of an object schema's properties, or None where it is no object."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema.get("properties")


@pytest.mark.parametrize("kind", Kind)
def test_a_payload_has_exactly_the_fields_of_its_contract(kind):
    """Every field of the type stands in the contract, and every property of the contract in the type."""
    schema = Contracts().schema(f"ed/v1/{kind}")
    assert set(typing.get_type_hints(TYPE_OF[kind])) == set(schema["properties"])
    assert set(schema["required"]) == set(schema["properties"])
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("kind", Kind)
def test_a_field_may_be_null_exactly_where_its_contract_says_so(kind):
    """What the type calls optional may be null in the contract, and nothing else."""
    contracts = Contracts()
    for name, hint in typing.get_type_hints(TYPE_OF[kind]).items():
        refused = f"/{name}" in contracts.faults(f"ed/v1/{kind}", {name: None})
        assert refused is not (type(None) in typing.get_args(hint)), name


@pytest.mark.parametrize(("name", "type_"), [("reading", payloads.Reading), ("work", payloads.Work)])
def test_the_inner_objects_of_a_mark_match_too(name, type_):
    """What a mark nests has the fields of the contract."""
    schema = Contracts().schema("ed/v1/mark")
    inner = schema["properties"][name]
    objects = [inner, *inner.get("anyOf", []), *inner.get("oneOf", [])]
    found = next(filter(None, (shape(item, schema) for item in objects)))
    assert set(found) == set(typing.get_type_hints(type_))


def test_the_week_of_a_period_matches_too():
    """A period's week has the fields of the contract."""
    schema = Contracts().schema("ed/v1/period")
    assert set(shape(schema["properties"]["weeks"]["items"], schema)) == set(typing.get_type_hints(payloads.Week))


@pytest.mark.parametrize("name", ["before", "after"])
def test_what_a_lesson_change_compares_matches_too(name):
    """Both sides of a lesson change have the fields of the contract."""
    schema = Contracts().schema("ed/v1/lesson_change")
    assert set(shape(schema["properties"][name], schema)) == set(typing.get_type_hints(payloads.Held))


def test_the_file_of_a_homework_matches_too():
    """A homework's file has the fields of the contract."""
    schema = Contracts().schema("ed/v1/homework")
    assert set(shape(schema["properties"]["files"]["items"], schema)) == set(typing.get_type_hints(payloads.File))
