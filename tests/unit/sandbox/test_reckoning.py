"""The conclusions of a whole school, worked out anew: every kind occurs, keeps its contract, and is whose it is."""

import copy
from collections import Counter
from datetime import date

import orjson
import pytest

from ejsync.sandbox.comparison import everything
from ejsync.sandbox.diary_contracts import EdContract
from ejsync.sandbox.expectation import Covered, Span
from ejsync.sandbox.invented_office import invent_office
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.reckoning import CONCLUDED, books, reckoned, sheet_of
from ejsync.sandbox.rollbook import invent_rollbook

TODAY = "2026-11-20"
AHEAD = Span("2026-09-01", "2026-12-04")
COVERED = Covered(AHEAD, AHEAD, AHEAD, AHEAD, concluded=TODAY)


@pytest.fixture(scope="module")
def journal():
    """The dump of a small school with an office."""
    state = journal_state(invent_rollbook(pupils=60, seed=3, today=date(2026, 11, 20)))
    dump = orjson.loads(orjson.dumps(state))
    return {**dump, "office": invent_office(dump, seed=3)}


@pytest.fixture(scope="module")
def found(journal):
    """All that the ED would have to hold."""
    return everything(journal, {}, COVERED)


def only(found, kind):
    """The records of a kind, by key."""
    return {key: data for (its, key), data in found.items() if its == kind}


def test_every_conclusion_keeps_the_contract(found):
    """Whatever follows from a whole invented school is valid by the contract of its kind, and every kind occurs."""
    contract = EdContract.load()
    concluded = {name: data for name, data in found.items() if name[0] in CONCLUDED}
    flaws = {name: flaw for name, data in concluded.items() if (flaw := contract.flaw_of_data(data, kind=name[0]))}
    assert flaws == {}
    assert set(Counter(kind for kind, _ in concluded)) == CONCLUDED


def test_nothing_is_concluded_where_nobody_does(journal):
    """A comparison of feeds that were read alone expects no conclusion."""
    bare = everything(journal, {}, Covered(AHEAD, AHEAD, AHEAD, AHEAD))
    assert not {kind for kind, _ in bare} & CONCLUDED


def test_forecasts_are_made_of_every_smallest_period_that_has_begun(found):
    """Of quarters the first two, of half-years the first, and never of the year."""
    assert {data["period"] for data in only(found, "forecast").values()} == {"chetvert_1", "chetvert_2", "polugodie_1"}


def test_a_contact_holds_on_its_days_only(found, journal):
    """One that ends today holds, one that ended yesterday or begins tomorrow does not."""
    row = journal["office"]["contacts"][0]
    cases = {("2026-09-01", TODAY): 1, ("2026-09-01", "2026-11-19"): 0, ("2026-11-21", None): 0, (TODAY, None): 1}
    for (first, last), count in cases.items():
        office = {"contacts": [{**row, "valid_from": first, "valid_until": last}]}
        assert len(only(reckoned(found, office, TODAY), "contact")) == count


def test_the_office_s_word_on_strangers_is_nothing(found):
    """Rows about a pupil or a class that is not there are passed over."""
    row = {"pupil": "9", "class": None, "subject": None, "date": TODAY, "teacher": "Пробный П. П.", "text": "Читать"}
    told = reckoned(found, {"recommendations": [row, {**row, "pupil": None, "class": "99Я"}]}, TODAY)
    assert not [data for data in only(told, "recommendation").values() if data["source"] == "office"]


def test_a_comment_on_a_lesson_is_told_once_to_its_class(found):
    """However many marks repeat it; two of one lesson are numbered in their order."""
    marks = {name: data for name, data in found.items() if name[0] == "mark"}
    name, mark = next(item for item in marks.items() if not item[1]["lesson_comment"])
    more = copy.deepcopy(dict(found))
    cell = name[1].rpartition("/")[0]
    _, _, rest = cell.partition("/")
    mate = next(one["pupil"] for _, one in marks.items() if one["pupil"] != mark["pupil"])
    for pupil in (mark["pupil"], mate):
        for number, text in ((7, "Б"), (8, "А"), (9, "Б")):
            more["mark", f"{pupil}/{rest}/{number}"] = {**mark, "pupil": pupil, "lesson_comment": text}
    told = only(reckoned(more, {}, TODAY), "recommendation")
    place = f"/{mark['lesson']}/{mark['date']}/"
    here = {key.rpartition("/")[2]: data["text"] for key, data in told.items() if place in key and key[0] == "l"}
    assert here == {"0": "А", "1": "Б"}


def test_the_sheet_has_every_pupil_of_the_class(found, journal):
    """A summary sheet speaks of all pupils of the class, whoever has consented."""
    book = next(one for one in books(found, journal["office"], TODAY) if one.form["name"] == "10А")
    sheet = sheet_of(book, book.terms()[0])
    assert {pupil for pupil, _ in sheet} == {one["id"] for one in journal["pupils"] if one["class"] == "10А"}


def test_a_final_mark_that_is_being_entered_is_not_called_missing(found):
    """Until three days after the end of a quarter nothing is told of a mark that is not there; then it is."""
    bare = {name: data for name, data in found.items() if name[0] != "final_mark"}
    end = min(data["end"] for data in only(found, "period").values() if data["period"] == "chetvert_1")
    assert end == "2026-10-25"
    told = [only(reckoned(bare, {}, day), "final_state") for day in ("2026-10-28", "2026-10-29")]
    assert [{data["state"] for data in rows.values()} for rows in told] == [set(), {"missing"}]
