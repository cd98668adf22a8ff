"""Whom a sheet means: spellings, never guesses."""

import pytest

from ejsync.domain.office_people import Person, Term, means_year
from tests.doubles.office import PEOPLE, school


@pytest.mark.parametrize(
    "written", ["Ёжикова Алёна Семёновна", "ЕЖИКОВА  АЛЕНА семеновна", "ёжикова алена", "Ежикова Алёна"]
)
def test_a_name_is_compared_without_case_spaces_and_yo(written):
    """The patronymic may be left out too."""
    assert school().people_called(written, "10А") == [PEOPLE[0]]


@pytest.mark.parametrize(
    ("written", "name"), [("Алёна Ёжикова", "10А"), ("Ёжикова", "10А"), ("Ёжикова Алёна Семёновна", "5Б")]
)
def test_another_order_a_part_of_a_name_or_another_class_is_nobody(written, name):
    """Who is meant is not guessed."""
    assert school().people_called(written, name) == []


def test_namesakes_are_all_returned_and_a_patronymic_tells_them_apart():
    """Two pupils of one class and name."""
    assert school().people_called("Примерный Иван", "5Б") == [PEOPLE[2], PEOPLE[3]]
    assert school().people_called("Примерный Иван Юрьевич", "5Б") == [PEOPLE[3]]


@pytest.mark.parametrize("written", ["10А", "10а", "10-А", "10 «А»", "10A", "10a"])
def test_a_class_is_found_in_every_spelling_also_with_a_latin_letter(written):
    """The letter A on the wrong keyboard is still the class."""
    assert school().classes_called(written) == ["10А"]


def test_two_classes_of_one_spelling_are_both_named_unless_one_is_exact():
    """10А and 10-А side by side: only the exact spelling is certain."""
    both = school(classes=("10А", "10-А"))
    assert both.classes_called("10-А") == ["10-А"]
    assert sorted(both.classes_called("10 а")) == ["10-А", "10А"]


def test_subjects_are_found_and_near_ones_named():
    """Spelling apart a subject must be one of the class."""
    assert school().subject_called("англ.яз", "10А") == "Англ. яз."
    assert school().subject_called("Химия", "10А") is None
    assert school().nearest_subjects("Алгебро", "10А") == ["Алгебра"]


@pytest.mark.parametrize("written", ["p1", "1 четверть", "1-я четверть", "I четверть", "1 Четверть"])
def test_a_period_is_found_by_id_or_title(written):
    """Roman or Arabic, with or without an ending."""
    assert school().terms_called(written, "10А", 2026) == [Term(2026, "p1", "1 четверть")]
    assert school().terms_called(written, "10А", 2025) == []


def test_words_for_the_whole_year():
    """Год is the year, a quarter is not."""
    assert means_year("Учебный год")
    assert not means_year("1 четверть")


def test_a_name_for_the_terminal():
    """All parts of it."""
    assert Person("1", "5Б", ("Примерный", "Иван")).called() == "Примерный Иван"
