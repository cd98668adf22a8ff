"""`docs/contracts.md`: every kind with its facts, every field with its type, made from the schemas alone."""

import json
from pathlib import Path

import pytest

from ejsync.domain.records import Feed, Kind
from tests.contracts.test_compatibility import load

ROOT = Path(__file__).resolve().parents[2]
pages = load("contract_pages")
SCHEMAS = {
    path.relative_to(ROOT / "contracts").as_posix().removesuffix(".schema.json"): json.loads(path.read_text())
    for path in (ROOT / "contracts").glob("*/*/*.schema.json")
}


def test_every_kind_has_key_owner_feed_and_consent():
    """No kind is forgotten, feeds are called as they are called, and a pupil's record needs a consent."""
    keys = pages.key_table()
    assert set(keys) == set(pages.FEEDS) == set(pages.CONSENTS) == set(Kind)
    assert {told.split(" (")[0].split(",")[0].split(":")[0] for told in pages.FEEDS.values()} <= set(Feed)
    assert all(
        (pages.CONSENTS[kind] == "results") is (owner == "pupil")
        for kind, (_, owner) in keys.items()
        if kind not in {"contact", "pupil"}
    )
    assert pages.CONSENTS[Kind.CONTACT] == "contacts"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("mark", ("`pupil/lesson_id/date/column`", "pupil")),
        (
            "lesson",
            (
                "`class/date/number/group`, or `pupil:id/date/number/group`, or `pupil:id/date/-/group/start`",
                "class; pupil (his alone); pupil (after school)",
            ),
        ),
    ],
)
def test_keys_and_owners_are_those_of_the_docstring(kind, told):
    """The table of `domain/records.py` is read with all its lines."""
    assert pages.key_table()[kind] == told


def test_every_field_of_every_record_is_told():
    """A field that a record may hold stands in the page under its kind, with a meaning."""
    page = pages.generated(SCHEMAS)
    for kind in Kind:
        chapter = page.split(f"\n### `{kind}`\n")[1].split("\n### ")[0]
        rows = [line for line in chapter.splitlines() if line.startswith("| `")]
        named = {row.split("`")[1] for row in rows}
        assert set(SCHEMAS[f"ed/v1/{kind}"]["properties"]) <= named
        assert all(len(row.split(" | ")[-1]) > 3 for row in rows)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"type": ["string", "null"], "format": "date", "pattern": "x"}, "date or null"),
        ({"type": "string", "maxLength": 5}, "text 0 to 5 characters"),
        ({"type": "integer", "minimum": 1}, "integer from 1"),
        ({"type": "array", "minItems": 1, "maxItems": 3}, "list 1 to 3"),
        ({"type": "boolean"}, "yes or no"),
        ({"enum": ["a", None]}, "`a` or null"),
        ({"const": "ed/v1"}, "always `ed/v1`"),
        ({}, "any"),
    ],
)
def test_a_type_is_told_in_words(field, told):
    """People read types, bounds and closed lists without knowing JSON Schema."""
    assert pages._type(field) == told


def test_nested_and_optional_fields_are_told_with_their_path():
    """Objects and lists show their own fields; what may be absent says so; what stands beside a reference wins."""
    day = {"$ref": "#/$defs/day", "description": "a | b"}
    schema = {
        "properties": {"weeks": {"type": "array", "items": {"$ref": "#/$defs/week", "description": "A week."}}},
        "required": [],
        "$defs": {
            "week": {"type": "object", "required": ["of"], "properties": {"of": day}},
            "day": {"type": "string", "description": "A day."},
        },
    }
    assert list(pages._table(schema))[2:] == [
        "| `weeks` | list; may be absent |  |",
        "| `weeks[].of` | text | a \\| b |",
    ]
