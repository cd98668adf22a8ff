"""The figures of one class, worked out twice: by ejsync, and from the raw journal by code that shares nothing with it.

`pytest tests/independent -s` prints how many figures were compared.
"""

from collections import Counter
from datetime import date

import pytest

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.records import Feed
from ejsync.pipeline.registering import register
from ejsync.reports.class_records import Archive
from ejsync.reports.summary_report import sheet_of
from ejsync.sandbox import reckoning
from ejsync.sandbox.comparison import everything, held_records
from ejsync.sandbox.invented_office import invent_office, office_files
from ejsync.sandbox.owed import filed
from ejsync.sandbox.reckoning_finals import summary
from ejsync.sandbox.stage import SCHOOL, TODAY, covered, set_stage

pytestmark = pytest.mark.slow
CLASS = "5А"


@pytest.fixture(scope="module")
def stage():
    """A school of two classes, its journal read, a lesson cancelled and one given by another, its office filed."""
    with set_stage(pupils=40, seed=3) as made:
        made.read([Feed.ROSTER])
        with made.exchange.store.read(SCHOOL) as tx:
            pupils = list(tx.records.roster().class_of())
        register(made.wiring, [granted(made, pupil) for pupil in pupils], origin="test")
        made.cycle()
        made.edit(*edits(made.journal.state()))
        for kind, content in office_files(office(made)).items():
            assert filed(made, kind, content) == []
        assert made.cycle().error_codes() == []
        yield made


def granted(stage, pupil):
    """A family's consent to results."""
    at = stage.clock.now()
    return Consent(0, pupil, Scope.RESULTS, Decision.GRANTED, "parent", "1", date(2026, 9, 1), None, None, at)


def edits(journal):
    """Two edits of coming lessons of the class: one cancelled, one given by somebody else."""
    coming = [fact for fact in journal["lessons"] if fact["class"] == CLASS and fact["date"] > TODAY]
    places = [{name: fact[name] or "" for name in ("class", "date", "num", "grp")} for fact in coming[:2]]
    other = next(str(one["id"]) for one in journal["teachers"] if one["id"] != str(coming[1]["teacher_id"]))
    return [{"op": "lesson_cancelled", **places[0]}, {"op": "lesson_replaced", **places[1], "teacher_id": other}]


def office(stage):
    """The rows of the school's office; they follow from the seed, and the results of this class are put off."""
    journal = stage.journal.state()
    return invent_office(journal, seed=3, put_off={one["id"] for one in journal["pupils"] if one["class"] == CLASS})


@pytest.fixture(scope="module")
def book(stage):
    """The class as the independent code knows it: from the dump of the journal and the office's rows."""
    journal = {**stage.journal.state(), "office": office(stage)}
    known = everything(journal, held_records(stage.diary.state()), covered(stage.exchange.settings))
    return next(one for one in reckoning.books(known, journal["office"], TODAY) if one.form["name"] == CLASS)


def ours(stage, kind, pupils=None):
    """What the diary holds of a kind for the class."""
    held = held_records(stage.diary.state())
    rows = [data for (its, _), data in held.items() if its == kind]
    return [data for data in rows if data.get("class") == CLASS or data.get("pupil") in (pupils or ())]


def figures(value):
    """Count the single values of a document."""
    if isinstance(value, dict):
        return sum(map(figures, value.values()))
    return sum(map(figures, value)) if isinstance(value, list | tuple) else 1


def by_place(rows):
    """Rows by whose, subject and period."""
    return {(row.get("pupil") or row.get("class"), row["subject"], row["period"]): row for row in rows}


COMPARED = Counter()


@pytest.fixture(scope="module", autouse=True)
def table():
    """Print how many figures were compared."""
    yield
    print(f"\nclass {CLASS}: figures equal to the last digit")
    for name, count in COMPARED.items():
        print(f"  {name:<12} {count:>6}")


def test_the_forecasts_are_equal_to_the_last_digit(stage, book):
    """Every forecast of every pupil of the class is what the written formulas give."""
    wanted = by_place(reckoning.forecasts_of(book))
    assert by_place(ours(stage, "forecast", book.pupils)) == wanted
    assert {row["state"] for row in wanted.values()} >= {"expected", "assigned"}
    COMPARED["forecast"] = figures(list(wanted.values()))


def test_the_statistics_are_equal_to_the_last_digit(stage, book):
    """Every statistic of the class is what the written rules give, a substitution and a cancelled lesson among them."""
    wanted = by_place(reckoning.statistics_of(book, list(reckoning.forecasts_of(book))))
    assert by_place(ours(stage, "lesson_statistics")) == wanted
    accounts = [account for row in wanted.values() for account in row["lessons"]]
    assert sum(account["cancelled"] for account in accounts) >= 1
    assert all(account["planned_hours"] for account in accounts)
    COMPARED["statistics"] = figures(list(wanted.values()))


@pytest.mark.parametrize("period", ["chetvert_1", "chetvert_2"])
def test_the_summary_is_equal_to_the_last_digit(stage, book, period):
    """The summary sheet of the class has the same cells, the same shares, and misses the same marks of the same."""
    term = next(one for one in book.of("period") if one["period"] == period)
    wanted = reckoning.sheet_of(book, term)
    found = sheet_of(Archive(stage.wiring, "-").read(CLASS, period))
    cells = {
        place: {"state": cell.state.value, "until": cell.until, "final": cell.final}
        for place, cell in found.cells.items()
    }
    assert cells == wanted
    total = found.total
    told = {
        "pupils": total.pupils, "finished": total.finished, "quality": total.quality, "progress": total.progress,
        "missing": {pupil: list(subjects) for pupil, subjects in found.missing.items()}, "complete": found.complete,
        "by_subject": dict(found.by_subject),
    }  # fmt: skip
    assert told == summary(wanted)
    states = {"chetvert_1": {"assigned"}, "chetvert_2": {"not_due", "deferred", "exempt"}}[period]
    assert {cell["state"] for cell in cells.values()} == states
    COMPARED["summary"] += figures(list(cells.values())) + figures(told)
