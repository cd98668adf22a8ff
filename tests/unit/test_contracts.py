"""Contracts: pointers, names, examples."""

import json

import pytest

from ejsync.contracts import Contracts, Verdict, contracts_dir
from ejsync.errors import NotFound

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["raw", "day"],
    "properties": {
        "raw": {"type": "string"},
        "day": {"type": "string", "format": "date"},
        "task": {"type": "object", "required": ["title"], "unevaluatedProperties": False},
    },
}


@pytest.fixture
def folder(tmp_path):
    """Make a contracts folder with one schema."""
    schemas = tmp_path / "ed" / "v1"
    schemas.mkdir(parents=True)
    (schemas / "mark.schema.json").write_text(json.dumps(SCHEMA))
    return tmp_path


def example(folder, name, data):
    """Write one example."""
    file = folder / "ed" / "v1" / "examples" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data if isinstance(data, str) else json.dumps(data))


GOOD = {"raw": "5", "day": "2026-09-01"}


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        (GOOD, ()),
        ({"day": "2026-09-01"}, ("/raw",)),
        (GOOD | {"extra": 1, "Анна": 2, "1001": 3}, ("/*", "/extra")),
        (GOOD | {"day": "2026-02-30"}, ("/day",)),
        (GOOD | {"task": {"name": "x"}}, ("/task/name", "/task/title")),
        ([], ("",)),
    ],
)
def test_faults_point_at_the_property_itself(folder, data, pointers):
    """A fault is a JSON pointer to the broken, missing or unexpected property; one that may name a person is hidden."""
    assert Contracts(folder).faults("ed/v1/mark", data) == pointers


def test_faults_carry_no_value(folder):
    """What was written in the data appears in no pointer."""
    assert "secret" not in str(Contracts(folder).faults("ed/v1/mark", GOOD | {"day": "secret", "raw": {"secret": 1}}))


def test_an_unknown_contract_is_not_found(folder):
    """A name without a schema is refused, and no path can be smuggled in by it."""
    for name in ("ed/v1/nothing", "../ed/v1/mark"):
        with pytest.raises(NotFound):
            Contracts(folder).faults(name, {})


@pytest.mark.parametrize("data", [json.loads("[" * 500 + "]" * 500), {"\ud800": 1}])
def test_what_cannot_be_checked_breaks_the_contract_as_a_whole(folder, data):
    """Data nested too deep to be followed, or with half a character in it, are refused and crash nothing."""
    assert Contracts(folder).faults("ed/v1/mark", {"value": data}) != ()


def test_a_contract_is_compiled_once(folder):
    """The schema file is read at the first question only."""
    contracts = Contracts(folder)
    contracts.faults("ed/v1/mark", GOOD)
    (folder / "ed" / "v1" / "mark.schema.json").unlink()
    assert contracts.faults("ed/v1/mark", GOOD) == ()


@pytest.mark.parametrize(
    ("name", "data", "verdict"),
    [
        ("valid/mark.json", GOOD, Verdict.GOOD),
        ("valid/mark-plain.json", GOOD, Verdict.GOOD),
        ("valid/mark/plain.json", GOOD, Verdict.GOOD),
        ("valid/mark-empty.json", {}, Verdict.REFUSED),
        ("valid/mark.json", "{", Verdict.UNREADABLE),
        ("invalid/mark-empty.json", {"why": "", "pointer": "", "data": {}}, Verdict.GOOD),
        ("invalid/mark-day.json", {"why": "", "pointer": "/day", "data": GOOD | {"day": "x"}}, Verdict.GOOD),
        ("invalid/mark-day.json", {"why": "", "pointer": "/raw", "data": GOOD | {"day": "x"}}, Verdict.ELSEWHERE),
        ("invalid/mark.json", {"why": "", "pointer": "", "data": GOOD}, Verdict.ACCEPTED),
        ("invalid/mark.json", GOOD, Verdict.UNREADABLE),
        ("invalid/mark.json", [], Verdict.UNREADABLE),
        ("valid/market.json", GOOD, Verdict.HOMELESS),
    ],
)
def test_every_example_gets_its_verdict(folder, name, data, verdict):
    """A valid example is accepted; an invalid one says where it breaks, and breaks there."""
    example(folder, name, data)
    assert [finding.verdict for finding in Contracts(folder).validate_examples()] == [Verdict.GOOD, verdict]


def test_a_schema_that_breaks_the_metaschema_is_named(folder):
    """A schema that is no schema is a finding, not a crash."""
    (folder / "ed" / "v1" / "odd.schema.json").write_text('{"type": 3}')
    findings = {finding.contract: finding.verdict for finding in Contracts(folder).validate_examples()}
    assert findings == {"ed/v1/mark": Verdict.GOOD, "ed/v1/odd": Verdict.BAD_SCHEMA}


def test_the_project_s_own_contracts_keep_their_examples():
    """Every schema of this project is sound, and every example behaves as its folder says."""
    contracts = Contracts()
    assert "ed/v1/mark" in contracts.names()
    assert [finding for finding in contracts.validate_examples() if finding.verdict is not Verdict.GOOD] == []


def test_contracts_are_found_from_a_source_tree():
    """Without a packaged copy the folder of the source tree is used."""
    assert (contracts_dir() / "ed" / "v1").is_dir()


def test_the_mark_of_all_contracts_changes_with_any_of_them(folder):
    """What was judged under one mark may be judged otherwise under another; examples decide nothing."""
    before = Contracts(folder).mark()
    (folder / "ed/v1/examples/valid").mkdir(parents=True)
    (folder / "ed/v1/examples/valid/mark-one.json").write_text("{}")
    assert Contracts(folder).mark() == before
    file = folder / "ed/v1/mark.schema.json"
    file.write_text(file.read_text().replace("raw", "text"))
    assert Contracts(folder).mark() != before
