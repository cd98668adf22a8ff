"""What paper can carry."""

import unicodedata

import pytest

from ejsync.reports.lettering import BOX, SPANS, all_settable, settable
from ejsync.reports.paper import Press
from tests.doubles.paper_class import TODAY, statistics_page


@pytest.mark.parametrize("text", ["Ёжикова-Ёлкина № 7", "a² + √2 ≤ π·r — «да» … 50 %", "naïve Škoda ą ș", "§§ 5–7 → ✓"])
def test_what_schools_write_stays_as_it_is(text):
    """Russian, foreign names, formulas and typographic signs are set letter by letter."""
    assert settable(text) == text


def test_what_no_font_has_becomes_a_box():
    """An emoji or a foreign script leaves a trace; nothing vanishes unseen."""
    assert settable("ура 😀 中文") == f"ура {BOX} {BOX * 2}"


def test_what_only_steers_a_screen_is_left_out():
    """Marks that turn the direction of a text, joiners and control characters are no letters."""
    assert settable("\u202eгипс\u202c\u200d\u0000\u0007\u00ad!") == "гипс!"


def test_lines_stay_apart_and_odd_spaces_are_spaces():
    """Every kind of line end is one; a tab is a space."""
    assert settable("a\r\nb\u2028c\td") == "a\nb\nc d"


def test_letters_and_their_accents_become_one():
    """`е` with two dots written apart is the letter `ё`."""
    assert settable(unicodedata.normalize("NFD", "ёй")) == "ёй"


def test_an_endless_word_may_break():
    """4000 letters without a space get places to break at; usual words get none."""
    assert settable("я" * 4000).replace("\u200b", "") == "я" * 4000
    assert "\u200b" in settable("я" * 4000)
    assert "\u200b" not in settable("электрификация")


def test_every_text_inside_data_is_reached():
    """Lists and objects are walked; numbers, nothing and truth stay what they are."""
    assert all_settable({"a": ["😀", 1, None, True, ("\u202e",)]}) == {"a": [BOX, 1, None, True, [""]]}


@pytest.mark.slow
def test_every_letter_that_passes_has_a_shape_in_our_fonts():
    """PDF/A refuses a letter without a shape: each one of the spans is set."""
    letters = [chr(code) for first, last in SPANS for code in range(first, last + 1)]
    page = statistics_page() | {"school": " ".join(letters)}
    assert Press("statistics").pdf(page, TODAY).pages >= 1
