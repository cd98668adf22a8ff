"""The compatibility check: red on every change that would break somebody, green on those that cannot."""

import copy
import importlib.util
import json
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]


def load(name):
    """Load a program of `tools` under a name that nothing else has."""
    spec = importlib.util.spec_from_file_location(f"tool_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return module


compatibility, tool = load("compatibility"), load("contracts")


def changed(place, name, change):
    """Name what breaks when the released contracts get one change in one schema."""
    released = json.loads(tool.released_file(place).read_text(encoding="utf-8"))
    today = copy.deepcopy(released)
    change(today["schemas"][name])
    return list(tool.breaks(place, released, today))


def put(*path, to):
    """Make a change that puts something at a place of a schema."""

    def change(schema):
        *way, last = path
        for step in way:
            schema = schema[step]
        schema[last] = to

    return change


def out(*path):
    """Make a change that takes something out of a schema."""

    def change(schema):
        *way, last = path
        for step in way:
            schema = schema[step]
        schema.remove(last) if isinstance(schema, list) else schema.pop(last)

    return change


def both(*changes):
    """Make several changes at once."""

    def change(schema):
        for one in changes:
            one(schema)

    return change


P = "properties"
BREAKING_SENT = {
    "a field may be absent": out("required", "comment"),
    "a field is gone": both(out(P, "comment"), out("required", "comment")),
    "a new field, optional": put(P, "mood", to={"type": "string"}),
    "a new field, required": both(put(P, "mood", to={"type": "string"}), lambda s: s["required"].append("mood")),
    "a wider type": put(P, "raw", "type", to=["string", "null"]),
    "whole numbers become numbers": put(P, "lesson", to={"type": ["string", "number"]}),
    "one more value": lambda s: s["$defs"]["reading"][P]["type"]["enum"].append("emoji"),
    "no list of values any more": out("$defs", "reading", P, "type", "enum"),
    "a longer text": put(P, "raw", "maxLength", to=41),
    "no longest text": out(P, "raw", "maxLength"),
    "a shorter text": put(P, "raw", "minLength", to=0),
    "another pattern": put("$defs", "pupil_id", "pattern", to="^[0-9]+$"),
    "no format": out("$defs", "date", "format"),
    "open to other fields": put("additionalProperties", to=True),
    "another reference": put(P, "pupil", to={"$ref": "#/$defs/name"}),
    "another condition": out("$defs", "reading", "allOf"),
}
HARMLESS_SENT = {
    "nothing": both(),
    "texts for people": both(put("title", to="x"), put("description", to="y"), put(P, "raw", "examples", to=["5"])),
    "a shorter list of values": lambda s: s["$defs"]["reading"][P]["type"]["enum"].remove("other"),
    "a shorter longest text": put(P, "raw", "maxLength", to=20),
    "one more condition": lambda s: s["$defs"]["reading"]["allOf"].append({"minProperties": 4}),
    "one more demand": put(P, "raw", "pattern", to="^\\S"),
    "null no more": put(P, "comment", "type", to="string"),
    "a definition of its own": both(
        put("$defs", "text", to={"type": "string", "minLength": 1, "maxLength": 40}),
        put(P, "raw", to={"$ref": "#/$defs/text"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", BREAKING_SENT.values(), ids=BREAKING_SENT)
def test_what_readers_of_the_released_contract_may_refuse_is_breaking(change):
    """Whoever was built for the released contract must take everything that is sent under today's."""
    found = changed("ed/v1", "mark", change)
    assert found
    assert all(fault.startswith("ed/v1/mark") for fault in found)


@pytest.mark.parametrize("change", HARMLESS_SENT.values(), ids=HARMLESS_SENT)
def test_sending_less_than_was_released_is_no_break(change):
    """What only narrows what is sent, or speaks to people, may stay within the version."""
    released = json.loads(tool.released_file("ed/v1").read_text(encoding="utf-8"))
    released["examples"].clear()
    today = copy.deepcopy(released)
    change(today["schemas"]["mark"])
    assert list(tool.breaks("ed/v1", released, today)) == []


STUDENT = (P, "students", "items")
BREAKING_ACCEPTED = {
    "a new demand": put("required", to=["students"]),
    "a narrower type": put("type", to="object"),
    "a type for what was free": put(*STUDENT, P, "mood", to={"type": "string"}),
    "closed to other fields": put(*STUDENT, "additionalProperties", to=False),
    "a closed list of values": put(*STUDENT, P, "title", to={"enum": ["a"]}),
    "a new pattern": put("$defs", "id", "pattern", to="^7"),
    "a new bound": put(P, "students", "maxItems", to=3),
    "a new condition": put(*STUDENT, "not", to={"required": ["title"]}),
    "a keyword nobody knows": put(*STUDENT, "unevaluatedProperties", to=False),
}
HARMLESS_ACCEPTED = {
    "a wider type": put("type", to=["object", "array", "null", "string"]),
    "any type": out("type"),
    "a field that may be anything": put(*STUDENT, P, "mood", to=True),
    "a demand less": out(*STUDENT, "maxItems"),
    "texts for people": put("description", to="x"),
}


@pytest.mark.parametrize("change", BREAKING_ACCEPTED.values(), ids=BREAKING_ACCEPTED)
def test_refusing_what_was_accepted_is_breaking(change):
    """An answer of ElJur that could be read must be readable still."""
    assert changed("eljur/v1", "getmarks", change)


@pytest.mark.parametrize("change", HARMLESS_ACCEPTED.values(), ids=HARMLESS_ACCEPTED)
def test_accepting_more_is_no_break(change):
    """Whatever widens what is accepted may stay within the version."""
    assert changed("eljur/v1", "getmarks", change) == []


def test_the_answers_of_the_ed_are_heard_not_sent():
    """A receipt may not be refused that was a receipt before; one more value in it is harmless."""
    status = ("$defs", "result", P, "status", "enum")
    assert changed("ed/v1", "receipt", put(*status, to=["applied"]))
    assert changed("ed/v1", "receipt", put(*status, to=["applied", "unchanged", "stale", "rejected", "more"])) == []


@pytest.mark.parametrize(
    ("place", "new", "gone"),
    [("ed/v1", True, True), ("eljur/v1", False, True), ("audit/v1", True, True)],
)
def test_contracts_that_come_and_go(place, new, gone):
    """A contract that is gone breaks whoever relied on it; a new one breaks readers that know nothing of it."""
    released = json.loads(tool.released_file(place).read_text(encoding="utf-8"))
    more = copy.deepcopy(released)
    more["schemas"]["novelty"] = {"type": "object"}
    assert bool(list(tool.breaks(place, released, more))) is new
    assert any(fault.endswith("is gone") for fault in tool.breaks(place, more, released)) is gone


def test_examples_are_witnesses_of_their_own():
    """A new example that the released schema refuses is named, as is a released one that is refused today."""
    released = json.loads(tool.released_file("ed/v1").read_text(encoding="utf-8"))
    today = copy.deepcopy(released)
    today["examples"]["mark-planted"] = {}
    assert [fault for fault in tool.breaks("ed/v1", released, today) if "mark-planted" in fault]
    released = json.loads(tool.released_file("eljur/v1").read_text(encoding="utf-8"))
    today = copy.deepcopy(released)
    today["schemas"]["auth"]["required"] = ["token", "never_there"]
    assert [fault for fault in tool.breaks("eljur/v1", released, today) if "the example auth-" in fault]


def test_todays_contracts_keep_what_was_released_and_the_page_is_fresh():
    """The gate's own check: no breaking change, everything released, `docs/contracts.md` made from today's schemas."""
    assert [*tool.faults(), *tool.stale()] == []


def test_a_stale_page_and_an_unreleased_family_are_named(tmp_path, monkeypatch):
    """The check tells what to run; the program itself writes the page and, asked to, what is released."""
    page = tmp_path / "contracts.md"
    page.write_text("# By hand\n", encoding="utf-8")
    monkeypatch.setattr(tool, "PAGE", page)
    monkeypatch.setattr(tool, "released_file", lambda place: tmp_path / "released" / place.replace("/", "-"))
    monkeypatch.setattr(sys, "argv", ["contracts.py", "--check"])
    assert (tool.main(), len(list(tool.stale()))) == (1, 4)
    monkeypatch.setattr(sys, "argv", ["contracts.py", "--release"])
    assert (tool.main(), list(tool.stale())) == (0, [])
    assert page.read_text(encoding="utf-8").startswith("# By hand\n")


@pytest.mark.parametrize(
    ("inner", "outer", "witness"),
    [
        ({"const": 1}, {"const": True}, 1),
        ({"minimum": 1}, {"exclusiveMinimum": 1}, 1),
        ({"patternProperties": {"^p": True}, "additionalProperties": False}, {"properties": {"p": False}}, {"p": 1}),
        ({"properties": {"p": True}}, {"patternProperties": {"^p": False}}, {"p": 1}),
        ({"prefixItems": [{}], "items": False}, {"items": {"type": "string"}}, [1]),
        ({"contains": {"const": 1}, "minContains": 0}, {"contains": {"const": 1}}, []),
        ({"if": {"const": 1}, "then": True}, {"if": {"const": 1}, "then": False}, 1),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, {"anyOf": [{"const": 1}]}, 2),
        ({"properties": {"p": True}, "unevaluatedProperties": False}, {"unevaluatedProperties": False}, {"p": 1}),
        (
            {"items": {"properties": {"p": {"type": "null"}}}},
            {"items": {"properties": {"p": {"type": "null"}}, "required": ["p"]}},
            [{}],
        ),
    ],
)
def test_what_escapes_one_keyword_at_a_time_is_found(inner, outer, witness):
    """Keywords that mean something only together, or look alike in Python, hide no break."""
    one, other = (jsonschema_rs.Draft202012Validator(schema) for schema in (inner, outer))
    assert one.is_valid(witness)
    assert not other.is_valid(witness)
    assert list(compatibility.widenings(inner, outer))


def test_a_definition_that_speaks_of_itself_is_compared_once():
    """A recursive schema is followed to where it begins again, and a difference inside of it is seen."""
    tree = {"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "properties": {"of": {"$ref": "#/$defs/t"}}}}}
    wider = copy.deepcopy(tree)
    del wider["$defs"]["t"]["type"]
    tree, wider = map(compatibility.resolved, (tree, wider))
    assert list(compatibility.widenings(tree, tree)) == list(compatibility.widenings(tree, wider)) == []
    assert list(compatibility.widenings(wider, tree))


LEAVES = st.sampled_from(
    [
        True, False, {}, {"type": "string"}, {"type": ["string", "null"]}, {"enum": ["a", None, 1]}, {"const": 1},
        {"type": "integer", "minimum": 1}, {"type": "number", "maximum": 3}, {"type": "string", "maxLength": 1},
        {"type": "string", "pattern": "^a"}, {"minLength": 2}, {"const": True},
    ]
)  # fmt: skip


def _larger(inner):
    objects = st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", ["object", "null"]]),
            "properties": st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["p", "x"]), inner, max_size=1),
            "additionalProperties": inner,
            "required": st.lists(st.sampled_from("pq"), unique=True),
            "maxProperties": st.integers(0, 2),
        },
    )
    lists = st.fixed_dictionaries(
        {}, optional={"items": inner, "prefixItems": st.lists(inner, min_size=1, max_size=1), "minItems": st.just(1)}
    )
    both = st.lists(inner, min_size=1, max_size=2)
    conditions = st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner, "allOf": both})
    return st.one_of(objects, lists, conditions)


SCHEMAS = st.recursive(LEAVES, _larger, max_leaves=6)
PLAIN = st.sampled_from([None, True, 0, 1, 2.5, 4, "", "a", "ab", "ba"])
DATA = st.recursive(
    PLAIN,
    lambda one: st.one_of(st.lists(one, max_size=2), st.dictionaries(st.sampled_from("pqx"), one, max_size=2)),
    max_leaves=5,
)


@st.composite
def neighbours(draw):
    """Two schemas that share most of what they say."""
    inner = draw(SCHEMAS)
    if not isinstance(inner, dict):
        return inner, draw(SCHEMAS)
    dropped = draw(st.sets(st.sampled_from([*inner, ""]), max_size=1))
    other = draw(_larger(LEAVES))
    taken = draw(st.sets(st.sampled_from([*other, ""]), max_size=1))
    outer = {name: value for name, value in inner.items() if name not in dropped}
    return inner, outer | {name: other[name] for name in taken & other.keys()}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(neighbours(), st.lists(DATA, min_size=5, max_size=15))
def test_what_is_called_harmless_is_harmless(pair, values):
    """Where nothing is named, whatever the one schema lets through the other does too: no break goes unseen."""
    inner, outer = pair
    if list(compatibility.widenings(inner, outer)):
        return
    one, other = (jsonschema_rs.validator_for(schema) for schema in (inner, outer))
    assert [value for value in values if one.is_valid(value) and not other.is_valid(value)] == []
