"""What the store holds of one class for a period."""

import pytest

from ejsync.domain.records import Kind
from ejsync.errors import NotFound
from ejsync.reports.class_records import Archive, Person
from tests.doubles import paper_class


@pytest.fixture
def kept(world):
    """Two classes in the store."""
    others = (("3001", "Чужая", "Анна", None),)
    paper_class.keep(world, paper_class.class_records())
    return paper_class.keep(world, paper_class.class_records("5Б", people=others, terms=paper_class.QUARTERS, seed=2))


def test_a_class_is_read_with_its_pupils_in_the_order_of_their_names(kept):
    """`Ё` stands with `Е`; nobody of another class is among them."""
    found = paper_class.read(kept, "10а")
    assert [person.pupil for person in found.people] == ["2004", "2001", "2002", "2003"]
    assert (found.name, found.school, found.period["period"]) == ("10А", "Школа № 7", "p1")
    assert {row["pupil"] for row in found.of(Kind.MARK)} == {person.pupil for person in found.people}


def test_only_the_period_that_is_asked_about_is_read(kept):
    """Marks lie inside its days, forecasts name it."""
    found = paper_class.read(kept, "5Б", "q2")
    assert {row["period"] for row in found.of(Kind.FORECAST)} == {"q2"}
    assert min(row["date"] for row in found.of(Kind.MARK)) >= "2026-11-02"


def test_what_lies_ahead_is_today_or_later(kept):
    """Homework and control works of the days to come, in their order, whatever the period."""
    days = [row["date"] for row in paper_class.read(kept).ahead(Kind.HOMEWORK)]
    assert days == sorted(days)
    assert days[0] >= "2026-11-16"


def test_rows_of_one_pupil_are_his_own(kept):
    """Naming a pupil leaves everybody else out."""
    assert {row["pupil"] for row in paper_class.read(kept).of(Kind.FORECAST, "2001")} == {"2001"}


def test_a_period_of_which_nothing_is_known_is_refused_with_the_next_step(kept):
    """It is no empty report: another period, or read the journal first."""
    with pytest.raises(NotFound) as caught:
        paper_class.read(kept, "10А", "p2").needs()
    assert "ejsync sync" in caught.value.remedy()


def test_classes_and_pupils_are_found(kept):
    """From the first form to the last; a pupil leads to his class, an unknown one to EJ-802."""
    archive = Archive(kept.wiring, "Школа № 7")
    assert archive.class_names() == ["5Б", "10А"]
    assert archive.class_of("3001") == "5Б"
    with pytest.raises(NotFound, match="EJ-802"):
        archive.class_of("9")


def test_a_person_is_named_in_full_and_short():
    """Who has no patronymic is named without it."""
    assert Person("1", "Ёжикова", "Алёна", "Семёновна").short == "Ёжикова А. С."
    assert Person("1", "Ли", "Анна", None).full == "Ли Анна"
    assert Person("1", "Ли", "Анна", None).short == "Ли А."
