"""The summary sheet."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.final_states import FinalState, Standing
from ejsync.domain.summary import Total, summary
from tests.doubles.class_journal import final

MISSING, DEFERRED = Standing(FinalState.MISSING), Standing(FinalState.DEFERRED, until="2026-11-20")
EXEMPT, NOT_DUE = Standing(FinalState.EXEMPT), Standing(FinalState.NOT_DUE)


def sheet(**rows):
    """A summary of pupils by their cells in algebra and physics; a text is a final mark."""
    cells = {}
    for who, row in rows.items():
        for subject, cell in zip(("Алгебра", "Физика"), row, strict=True):
            mark = final(cell, who=who, subject=subject) if isinstance(cell, str) else None
            cells[who, subject] = Standing(FinalState.ASSIGNED, mark) if mark else cell
    return summary(cells)


def test_a_sheet_by_hand():
    """Four pupils: one good, one passed, one with a two, one whose physics is missing."""
    good, passed = ("5", "4"), ("4", "3")
    failed, late = ("2", EXEMPT), ("5", MISSING)
    found = sheet(p1=good, p2=passed, p3=failed, p4=late)
    assert (found.pupils, found.subjects) == (("p1", "p2", "p3", "p4"), ("Алгебра", "Физика"))
    assert found.total == Total(pupils=4, finished=3, quality="0.3333", progress="0.6667")
    assert {name: (row["quality"], row["progress"], row["pupils"]) for name, row in found.by_subject.items()} == {
        "Алгебра": ("0.7500", "0.7500", 4), "Физика": ("0.5000", "1.0000", 2),
    }  # fmt: skip
    assert (found.missing, found.complete) == ({"p4": ("Физика",)}, False)


def test_a_sheet_is_complete_when_nothing_waits():
    """Exemptions do not make it incomplete; whatever waits does, and only what is missing has someone to ask."""
    assert sheet(p1=("5", EXEMPT)).complete
    for cell in (DEFERRED, NOT_DUE):
        found = sheet(p1=("5", cell))
        assert (found.complete, found.missing) == (False, {})


def test_not_attested_is_not_passed():
    """Who is not attested in one subject is finished and has not passed."""
    assert sheet(p1=("н/а", "5")).total == Total(1, 1, "0.0000", "0.0000")


def test_of_nobody_there_are_no_shares():
    """An empty sheet, and one of exemptions and credits only, have no shares."""
    assert summary({}).total == Total(0, 0, None, None)
    assert sheet(p1=(EXEMPT, "зч")).total == Total(1, 0, None, None)


CELLS = st.sampled_from([MISSING, DEFERRED, EXEMPT, NOT_DUE, "2", "3", "4", "5", "н/а", "зч"])


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_totals_lie_within_everybody(rows):
    """0 ≤ quality ≤ progress ≤ 1 over no more pupils than there are; complete means that nobody is missing anything."""
    found = sheet(**{f"p{number}": row for number, row in enumerate(rows)})
    assert found.total.finished <= found.total.pupils == len(rows)
    if found.total.finished:
        assert 0 <= float(found.total.quality) <= float(found.total.progress) <= 1
    assert not (found.complete and found.missing)
