"""The comparator notices whatever is planted: a check that cannot fail would be a defect."""

import copy
from datetime import date

import orjson
import pytest

from ejsync.sandbox.comparison import Difference, allowed, between, changed_lessons, compare, everything
from ejsync.sandbox.expectation import Covered, Span, everyone, expected
from ejsync.sandbox.invented_office import invent_office
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.rollbook import invent_rollbook

YEAR = Span("2026-09-01", "2027-05-31")
COVERED = Covered(YEAR, YEAR, YEAR, YEAR)


@pytest.fixture(scope="module")
def journal():
    """The dump of a small school."""
    return orjson.loads(orjson.dumps(journal_state(invent_rollbook(pupils=50, seed=5, today=date(2026, 11, 20)))))


@pytest.fixture(scope="module")
def permitted(journal):
    """All pupils but one."""
    return everyone(journal) - {min(everyone(journal))}


@pytest.fixture(scope="module")
def wanted(journal, permitted):
    """What an ED must hold."""
    return expected(journal, permitted=permitted, covered=COVERED) | changed_lessons(journal, {}, COVERED)


@pytest.fixture
def diary(wanted):
    """The dump of an ED that holds exactly what it must."""
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
        "school_class", "teacher", "pupil", "period", "calendar_day", "lesson", "lesson_change", "control_work",
        "homework", "mark", "absence", "final_mark",
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


@pytest.fixture
def cell(diary):
    """The marks of a cell in which the ED holds two or more."""
    cells = {}
    for record in diary["records"]:
        if record["kind"] == "mark":
            cells.setdefault(record["key"].rpartition("/")[0], []).append(record)
    return next(records for records in cells.values() if len(records) > 1)


def moved(record, column):
    """A record under another number of its cell."""
    key = f"{record['key'].rpartition('/')[0]}/{column}"
    return {**record, "key": key, "data": {**record["data"], "column": column}}


def test_the_marks_of_a_cell_may_have_any_numbers(judge, diary, cell):
    """A mark whose cell was counted anew keeps its number at the ED: that is no difference."""
    for record in cell:
        diary["records"].remove(record)
        diary["records"].append(moved(record, record["data"]["column"] + 5))
    assert judge(diary).equal


@pytest.mark.parametrize("raw", ["2-", None])
def test_one_mark_too_many_in_a_cell_is_noticed(judge, diary, cell, raw):
    """A stale mark beside the right ones is unexpected, and so is a second copy of one of them."""
    extra = moved(cell[0], 7)
    extra["data"]["raw"] = raw or extra["data"]["raw"]
    diary["records"].append(extra)
    found = judge(diary)
    assert (found.unexpected, found.lost) == ((("mark", extra["key"]),), 0)


def test_a_mark_lost_from_a_cell_is_noticed_whatever_the_numbers(judge, diary, cell):
    """Of a cell counted anew one mark is gone at the ED: one is missing."""
    for record in cell:
        diary["records"].remove(record)
    diary["records"] += [moved(record, 9) for record in cell[1:2]] + cell[2:]
    found = judge(diary)
    assert (len(found.missing), found.differing, found.unexpected) == (1, (), ())


def test_a_mark_changed_in_a_cell_counted_anew_is_noticed(judge, diary, cell):
    """The one that differs is named under the key that the ED holds it by."""
    diary["records"].remove(cell[0])
    diary["records"].append(moved({**cell[0], "data": {**cell[0]["data"], "comment": "нет"}}, 7))
    assert judge(diary).differing == (Difference("mark", moved(cell[0], 7)["key"], ("comment",)),)


def test_a_number_that_contradicts_its_key_is_noticed(judge, diary, cell):
    """The number of a mark stands in its key too."""
    cell[0]["data"]["column"] += 5
    assert [item.fields for item in judge(diary).differing] == [("column",)]


@pytest.mark.parametrize("kind", ["homework", "final_mark"])
def test_a_name_that_a_subject_had_before_may_stand_in_a_key(judge, diary, kind):
    """What is known under an older name of its subject is the same; a copy beside it is one too many."""
    record = a(diary, kind)
    key = record["key"]
    record["key"] = key.replace(record["data"]["subject"], "Прежнее имя")
    assert judge(diary).equal
    diary["records"].append({**record, "key": key})
    found = judge(diary)
    assert (len(found.unexpected), found.lost) == (1, 0)


@pytest.mark.parametrize("kind", ["homework", "final_mark"])
def test_any_other_part_of_a_key_must_be_right(judge, diary, kind):
    """A key that names another owner, day or place than its content is a difference."""
    record = a(diary, kind)
    record["key"] = f"0{record['key']}"
    assert [item.fields for item in judge(diary).differing] == [("key",)]


def test_what_was_before_the_journal_s_year_is_judged_by_its_pupil_alone(journal, permitted, diary):
    """Last year's records stay at the ED where nothing else is asked, of pupils who are there and may leave only."""
    mark, final, period = (copy.deepcopy(a(diary, kind)) for kind in ("mark", "final_mark", "period"))
    mark["data"]["date"], final["data"]["school_year"], period["data"]["school_year"] = "2026-05-20", 2025, 2025
    past = [{**record, "key": f"past/{record['key']}"} for record in (mark, final, period)]
    diary["records"] += past
    ask = {"permitted": permitted, "covered": COVERED}
    assert len(compare(journal, diary, **ask).unexpected) == 3
    assert compare(journal, diary, **ask, judged_from="2026-09-01").equal
    for record in past[:2]:
        record["data"]["pupil"] = min(everyone(journal))
    assert len(compare(journal, diary, **ask, judged_from="2026-09-01").unexpected) == 2


CONCLUDED_TODAY = Covered(YEAR, YEAR, YEAR, YEAR, concluded="2026-11-20")


@pytest.fixture(scope="module")
def advised(journal):
    """The dump of the school with what its office has handed in."""
    return {**journal, "office": invent_office(journal, seed=5)}


@pytest.fixture(scope="module")
def given(permitted):
    """The consents given, to contacts too."""
    return permitted | {f"{pupil}/contacts" for pupil in permitted}


@pytest.fixture(scope="module")
def due(advised, given):
    """What an ED must hold, with all that follows from it."""
    return allowed(everything(advised, {}, CONCLUDED_TODAY), given)


@pytest.fixture
def informed(given, due):
    """The consents given, and the dump of an ED that holds all that must follow too."""
    records = [{"kind": kind, "key": key, "data": copy.deepcopy(data)} for (kind, key), data in due.items()]
    return given, {"records": records, "doubled": 0}


def concluded(advised, informed, **more):
    """Compare, conclusions too."""
    given, diary = informed
    return compare(advised, diary, permitted=more.get("permitted", given), covered=CONCLUDED_TODAY)


def test_a_true_copy_with_conclusions_is_equal(advised, informed):
    """A diary that holds what the journal says, and what follows from it, lacks nothing."""
    assert concluded(advised, informed).equal


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("forecast", "mean", "4.99"),
        ("forecast", "as_of", "2026-11-21"),
        ("lesson_statistics", "late", -1),
        ("class_teacher", "teachers", []),
        ("final_state", "until", "2027-05-31"),
        ("contact", "address", "other@example.org"),
    ],
)
def test_a_planted_conclusion_is_noticed(advised, informed, kind, field, value):
    """A figure that is off by a digit is named, whatever its kind, and so is one of a day to come."""
    planted = a(informed[1], kind)
    planted["data"][field] = value
    assert concluded(advised, informed).differing == (Difference(kind, planted["key"], (field,)),)


@pytest.mark.parametrize("kind", ["forecast", "lesson_statistics"])
def test_a_figure_may_be_what_it_is_since_an_earlier_day(advised, informed, kind):
    """What only grew older is not sent again, and is no difference."""
    a(informed[1], kind)["data"]["as_of"] = "2026-11-02"
    assert concluded(advised, informed).equal


def test_a_contact_without_its_own_consent_is_noticed(advised, informed):
    """A consent to results is none to contacts: all of them are unexpected, and nothing else is."""
    results = {subject for subject in informed[0] if "/" not in subject}
    found = concluded(advised, informed, permitted=results)
    assert {kind for kind, _ in found.unexpected} == {"contact"}
    assert found.lost == 0


@pytest.mark.parametrize(
    ("source", "part", "well"), [("mark", -1, True), ("mark", 2, False), ("office", -1, True), ("lesson", -1, False)]
)
def test_of_a_recommendation_s_key_what_can_be_known_is_judged(advised, informed, source, part, well):
    """A mark may have another number and the office has a secret of its own; everything else is as it must be."""
    planted = next(one for one in informed[1]["records"] if one["data"].get("source") == source)
    parts = planted["key"].split("/")
    parts[part] = "77"
    planted["key"] = "/".join(parts)
    found = concluded(advised, informed)
    assert (found.equal, [item.fields for item in found.differing]) == (well, [] if well else [("key",)])


def test_what_moved_from_one_expectation_to_another_is_named():
    """What came, what changed and what went; a later day alone is no change."""
    before = {("forecast", "a"): {"as_of": "1", "mean": "4.00"}, ("forecast", "b"): {"as_of": "1"}, ("mark", "c"): {}}
    after = {("forecast", "a"): {"as_of": "2", "mean": "4.50"}, ("forecast", "b"): {"as_of": "2"}, ("mark", "d"): {}}
    assert between(before, after) == ({("forecast", "a"), ("mark", "d")}, {("mark", "c")})
