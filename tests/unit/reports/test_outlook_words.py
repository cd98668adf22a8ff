"""A forecast in words."""

import pytest

from ejsync.reports.outlook_words import meaning
from ejsync.wording import use_language

OPEN = {
    "state": "expected", "scale": "five", "settled": False, "lowering_twos": 2,
    "needed": [{"result": 4, "fives": 1}, {"result": 5, "fives": None}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


def test_what_would_change_the_result_is_said_and_what_is_out_of_reach_is_not():
    """One five to a four; a five is out of reach; two twos lower it."""
    assert meaning(OPEN) == "1 more five makes it a 4. 2 twos in a row lower it."


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"settled": True, "needed": [], "lowering_twos": None}, "Further marks can hardly change it."),
        ({"needed": [], "lowering_twos": None}, "Still open."),
        ({"needed": [], "lowering_twos": 1}, "1 two lowers it."),
        ({"state": "assigned"}, "The final mark is set."),
        ({"state": "unmarked"}, "There are no marks that count yet."),
        ({"state": "not_scaled"}, "This subject is marked by credits or points: no mean is taken."),
        ({"state": "unmarked", "scale": "none"}, "The first year is taught without marks."),
    ],
)
def test_every_state_has_its_sentence(row, told):
    """A first-former without marks is a case, not a fault."""
    assert meaning({**OPEN, **row}) == told
