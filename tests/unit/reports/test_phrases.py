"""Numbers, days and states in words."""

import pytest

from ejsync.domain.final_states import FinalState
from ejsync.reports import phrases
from ejsync.wording import use_language


@pytest.fixture(autouse=True)
def _english():
    use_language("en")


def test_days_are_written_as_schools_do():
    """Long, short, and with the day of the week."""
    written = "2026-11-16"
    assert phrases.long_day(written) == "16.11.2026"
    assert (phrases.short_day(written), phrases.weekday(written)) == ("16.11", "Mon 16.11")
    assert phrases.span({"start": "2026-09-01", "end": "2026-10-25"}) == "01.09.2026 – 25.10.2026"
    assert phrases.span({"start": None, "end": None}) == ""


@pytest.mark.parametrize(
    ("share", "told"), [("0.6667", "66.7 %"), ("1.0000", "100 %"), ("0.0000", "0 %"), ("0.0005", "0.1 %"), (None, "—")]
)
def test_shares_are_percent_rounded_half_up(share, told):
    """One digit where it is no whole number; nobody is a dash."""
    assert phrases.percent(share) == told


def test_a_long_name_is_clipped_where_room_is_scarce():
    """Twenty letters in a terminal's table, the last of them a sign that there is more."""
    assert phrases.clipped("я" * 20) == "я" * 20
    assert phrases.clipped("я" * 21) == "я" * 19 + "…"


@pytest.mark.parametrize(("value", "told"), [(None, ""), (1, ""), (1.0, ""), (2.0, "×2"), (0.5, "×0.5"), (0, "×0")])
def test_only_a_weight_other_than_one_is_shown(value, told):
    """A weight of one is the usual one and says nothing."""
    assert phrases.weight(value) == told


def test_a_range_of_one_result_is_that_result():
    """3–5 while it is open, 4 when it is not, a dash where nothing is forecast."""
    ranges = [(3, 5), (4, 4), (None, None)]
    assert [phrases.reach({"lowest": low, "highest": high}) for low, high in ranges] == ["3–5", "4", "—"]


def test_states_are_words_and_signs_and_the_signs_are_explained():
    """A deferral says until when; the legend holds only signs that occur."""
    assert phrases.state(FinalState.DEFERRED, "2026-12-30") == "put off until 30.12.2026"
    assert phrases.state(FinalState.DEFERRED) == "put off"
    assert (
        phrases.legend({FinalState.MISSING, FinalState.ASSIGNED})
        == f"{phrases.state_sign(FinalState.MISSING)} — missing"
    )


def test_numbers_keep_their_digits():
    """The mean of a payload is shown to the last digit; the language of a page is that of the reader."""
    assert (phrases.number("4.30"), phrases.number("5"), phrases.number(None)) == ("4.30", "5", "—")
    assert (phrases.language(), phrases.page_of()) == ("en", "page %p of %n")
