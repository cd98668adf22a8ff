"""The comparator notices whatever is planted: a check that cannot fail would be a defect."""

import copy
from datetime import date

import orjson
import pytest

from ejsync.sandbox.comparison import Difference, compare
from ejsync.sandbox.expectation import Covered, Span, everyone, expected
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.rollbook import invent_rollbook

YEAR = Span("2026-09-01", "2027-05-31")
COVERED = Covered(YEAR, YEAR, YEAR)


@pytest.fixture(scope="module")
def journal():
    """The dump of a small school."""
    return orjson.loads(orjson.dumps(journal_state(invent_rollbook(pupils=50, seed=5, today=date(2026, 11, 20)))))


@pytest.fixture
def permitted(journal):
    """All pupils but one."""
    return everyone(journal) - {min(everyone(journal))}


@pytest.fixture
def diary(journal, permitted):
    """The dump of an ED that holds exactly what it must."""
    wanted = expected(journal, permitted=permitted, covered=COVERED)
    records = [{"kind": kind, "key": key, "data": copy.deepcopy(data)} for (kind, key), data in wanted.items()]
    return {"records": records, "doubled": 0}


@pytest.fixture
def judge(journal, permitted):
    """Compare a diary with the journal."""
    return lambda diary: compare(journal, diary, permitted=permitted, covered=COVERED)


def a(diary, kind):
    """The first record of a kind."""
    return next(record for record in diary["records"] if record["kind"] == kind)


def test_a_true_copy_is_equal(judge, diary):
    """A diary that holds exactly what it must lacks nothing, and what was withheld is counted."""
    found = judge(diary)
    assert found.equal
    assert found.by_kind() == {}
    assert found.withheld > 0
    assert found.journal_records == found.delivered + found.withheld == len(diary["records"]) + found.withheld


@pytest.mark.parametrize(
    "kind",
    [
        "school_class", "teacher", "pupil", "period", "calendar_day",
        "lesson", "homework", "mark", "absence", "final_mark",
    ],
)  # fmt: skip
def test_a_planted_loss_is_noticed(judge, diary, kind):
    """A record taken out of the diary is missing, whatever its kind."""
    taken = a(diary, kind)
    diary["records"].remove(taken)
    found = judge(diary)
    assert (found.missing, found.lost, found.equal) == (((kind, taken["key"]),), 1, False)
    assert found.by_kind() == {"missing": {kind: 1}}


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("mark", "raw", "2-"),
        ("mark", "averaged", 1),
        ("mark", "reading", {"type": "other", "value": None, "second": None, "sign": None}),
        ("lesson", "room", "0"),
        ("homework", "text", "другое"),
        ("pupil", "class", "11Я"),
    ],
)
def test_a_planted_difference_is_noticed(judge, diary, kind, field, value):
    """A changed field is named, without its value."""
    planted = a(diary, kind)
    planted["data"][field] = value
    found = judge(diary)
    assert found.differing == (Difference(kind, planted["key"], (field,)),)
    assert (found.lost, found.equal, found.by_kind()) == (1, False, {"differing": {kind: 1}})


def test_a_planted_extra_field_is_noticed(judge, diary):
    """A field that no contract names is a difference too."""
    a(diary, "absence")["data"]["reason"] = "грипп"
    assert [item.fields for item in judge(diary).differing] == [("reason",)]


def test_a_planted_extra_record_is_noticed(judge, diary):
    """A record that the journal does not know is unexpected."""
    diary["records"].append({**a(diary, "mark"), "key": "0/0/2026-09-01/0"})
    found = judge(diary)
    assert (found.unexpected, found.lost, found.equal) == ((("mark", "0/0/2026-09-01/0"),), 0, False)


def test_a_record_without_consent_is_noticed(journal, diary):
    """What a diary holds of a pupil whose family has since refused is unexpected, all of it."""
    pupil = max(everyone(journal))
    owned = sum(record["data"].get("pupil") == pupil for record in diary["records"])
    others = everyone(journal) - {min(everyone(journal)), pupil}
    found = compare(journal, diary, permitted=others, covered=COVERED)
    assert len(found.unexpected) == owned > 0


def test_doubled_effects_are_noticed(judge, diary):
    """Effects that the diary counts as doubled, and keys it lists twice, are duplicates."""
    found = judge({"records": [*diary["records"], a(diary, "mark")], "doubled": 2})
    assert (found.duplicated, found.equal) == (3, False)
