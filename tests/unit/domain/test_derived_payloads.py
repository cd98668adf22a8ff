"""What derived payloads nest does not drift from the contracts."""

import typing

import pytest

from ejsync.contracts import Contracts
from ejsync.domain import derived_payloads as types

STATISTICS = Contracts().schema("ed/v1/lesson_statistics")["properties"]
RESULTS = STATISTICS["results"]["properties"]
NESTED = [
    (types.Target, Contracts().schema("ed/v1/forecast")["properties"]["needed"]["items"]),
    (types.LessonAccount, STATISTICS["lessons"]["items"]),
    (types.WorkCount, STATISTICS["works"]["items"]),
    (types.MarkSpread, STATISTICS["marks"]),
    (types.Values, STATISTICS["marks"]["properties"]["distribution"]),
    (types.ResultSpread, STATISTICS["results"]),
    (types.Values, RESULTS["distribution"]),
    (types.Instructor, Contracts().schema("ed/v1/class_teacher")["properties"]["teachers"]["items"]),
]


@pytest.mark.parametrize(("type_", "schema"), NESTED)
def test_what_a_payload_nests_matches_its_contract(type_, schema):
    """The type and the contract have the same fields, all of them required."""
    assert set(typing.get_type_hints(type_)) == set(schema["properties"]) == set(schema["required"])
