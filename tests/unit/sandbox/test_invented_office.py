"""The invented office: its sheets are what ejsync imports, row for row, and nobody living can be meant."""

from datetime import date

import orjson
import pytest

from ejsync import sheets
from ejsync.domain.columns import readable
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_sheets import COLUMNS
from ejsync.sandbox.invented_office import SHEETS, invent_office, office_files
from ejsync.sandbox.journal_state import journal_state
from ejsync.sandbox.reckoning import OFFICE
from ejsync.sandbox.rollbook import invent_rollbook


@pytest.fixture(scope="module")
def journal():
    """The dump of a small school."""
    return orjson.loads(orjson.dumps(journal_state(invent_rollbook(pupils=60, seed=3, today=date(2026, 11, 20)))))


@pytest.fixture(scope="module")
def office(journal):
    """Its office."""
    return invent_office(journal, seed=1)


def test_the_same_seed_gives_the_same_office(journal, office):
    """An office follows from the school and the seed."""
    assert invent_office(journal, seed=1) == office != invent_office(journal, seed=2)
    assert office.keys() == SHEETS.keys() == set(OFFICE)
    assert all(office.values())


@pytest.mark.parametrize("kind", OfficeKind)
def test_every_sheet_has_the_columns_that_imports_know(office, kind):
    """Each file opens as a workbook whose heads are found, whose rows are all there, and nothing is passed over."""
    found = readable(sheets.read(office_files(office)[kind]), COLUMNS[kind], no_reasons=True)
    name = next(name for name, sheet in SHEETS.items() if sheet.kind == kind)
    assert (found.faults, found.passed_over) == ((), ())
    assert len(found.rows) == len(office[name])


def test_nobody_can_be_meant(office):
    """Numbers begin with an area code that nobody has, e-mail goes to a domain kept for examples."""
    by_way = {row["way"]: row["address"] for row in office["contacts"]}
    assert by_way["sms"].startswith("+7000")
    assert by_way["email"].endswith("@example.org")


def test_results_are_put_off_of_those_named_only(journal):
    """Whom the caller names may be put off, nobody else; one is deferred, one exempt."""
    some = {one["id"] for one in journal["pupils"][:5]}
    rows = invent_office(journal, seed=1, put_off=some)["deferrals"]
    assert {row["pupil"] for row in rows} <= some
    assert {row["state"] for row in rows} == {"deferred", "exempt"}


def test_the_plan_is_near_the_timetable(office):
    """Every class and subject has hours for each period, never none, with no more control works than lessons."""
    assert all(row["hours"] >= max(1, row["control_works"]) for row in office["curriculum"])
    assert not any(row["period"] == "year" for row in office["curriculum"])
