"""The mass-change guard."""

import pytest

from ejsync.domain.changes import Fingerprinted, Known, Op, retraction, upsert
from ejsync.domain.guard import NOBODY, Forms, GuardRule, held_keys, masses
from ejsync.domain.records import Kind
from tests.doubles.records import mark, pupil, school_class

RULE = GuardRule(retracted_share=0.3, changed_share=0.8, least_count=5, most_count=50, wiped_count=3)


@pytest.mark.parametrize(
    ("op", "count", "known", "mass"),
    [
        (Op.RETRACT, 5, 6, False),
        (Op.RETRACT, 3, 3, False),
        (Op.RETRACT, 4, 4, True),
        (Op.RETRACT, 4, 5, False),
        (Op.UPSERT, 4, 4, False),
        (Op.RETRACT, 6, 20, False),
        (Op.RETRACT, 7, 20, True),
        (Op.RETRACT, 50, 10_000, False),
        (Op.RETRACT, 51, 10_000, True),
        (Op.UPSERT, 16, 20, False),
        (Op.UPSERT, 17, 20, True),
        (Op.UPSERT, 5000, 10_000, False),
    ],
)
def test_a_mass_is_a_share_above_the_least_count_or_too_many_retractions(op, count, known, mass):
    """Both borders are inclusive: exactly the share or the count is no mass."""
    assert RULE.exceeded(op, count, known) is mass


def gone(who, count, *, kind=Kind.MARK):
    """Retractions of so many records of a pupil."""
    return [retraction(Known(kind, f"{who}/{n}", f"pupil:{who}", who, None, 1, "f", gone=False)) for n in range(count)]


def rewritten(who, count, version=2):
    """Other versions of so many marks of a pupil; the first version is a first sight."""
    return [upsert(Fingerprinted(mark(who, lesson_id=str(n)), b"", "f"), version) for n in range(count)]


def test_only_masses_are_held_and_only_of_their_kind():
    """First versions are never held; operations and kinds are counted apart."""
    live = {(Kind.MARK, "pupil:1"): 6}
    first = rewritten("1", 100, version=1)
    assert masses([*gone("1", 6), *first], live, RULE, NOBODY) == {("pupil:1", Op.RETRACT, Kind.MARK)}
    assert masses([*first, *rewritten("1", 6)], live, RULE, NOBODY) == {("pupil:1", Op.UPSERT, Kind.MARK)}
    assert masses(first, {}, RULE, NOBODY) == set()


FORMS = Forms({"1": "class:5А", "2": "class:5А", "3": "class:5Б", "4": "class:5В"})
LIVE = {(Kind.MARK, f"pupil:{who}"): 20 for who in range(1, 5)}


@pytest.mark.parametrize(("op", "few", "many"), [(Op.RETRACT, 6, 7), (Op.UPSERT, 16, 17)])
def test_each_class_of_a_window_is_judged_by_itself(op, few, many):
    """A share of one class's marks is a mass though it is none of the window's, and the other class is left alone."""
    changed = gone if op is Op.RETRACT else rewritten
    both = [*changed("1", few), *changed("2", few)]  # of the forty marks of 5А
    assert masses([*both, *changed("3", 1)], LIVE, RULE, FORMS) == set()
    more = [*changed("1", many), *changed("2", many), *changed("3", 1)]
    assert masses(more, LIVE, RULE, FORMS) == {("class:5А", op, Kind.MARK)}


def test_what_no_class_is_held_for_is_judged_together():
    """A kind that goes in every class by a little, but as a whole by too much, is held in all of them."""
    a_little, less = ([change for who in "1234" for change in gone(who, count)] for count in (5, 4))
    small = GuardRule(retracted_share=0.2, changed_share=0.8, least_count=10, most_count=19, wiped_count=9)
    assert {form for form, _, _ in masses(a_little, LIVE, small, FORMS)} == {"class:5А", "class:5Б", "class:5В"}
    assert masses(less, LIVE, small, FORMS) == set()


def test_one_class_in_smoke_takes_no_other_with_it():
    """What a class is held for counts no more against the rest of the window."""
    told = [*gone("1", 20), *gone("2", 20), *gone("3", 4), *gone("4", 3)]
    assert {form for form, _, _ in masses(told, LIVE, RULE, FORMS)} == {"class:5А"}


def test_of_a_losing_class_every_retraction_waits_and_what_comes_in_its_place():
    """Kinds beside the mass, first versions and returning records of its kind wait; edits and other classes go."""
    held = {("class:5А", Op.RETRACT, Kind.MARK)}
    absence, elsewhere = gone("2", 1, kind=Kind.ABSENCE)[0], gone("3", 1)[0]
    (fresh,), (edited,), (back,) = rewritten("1", 1, 1), rewritten("1", 1), rewritten("2", 1)
    keys = held_keys(held, [absence, elsewhere, fresh], set(), FORMS)
    assert keys == {(Kind.ABSENCE, absence.key), (Kind.MARK, fresh.key)}
    assert held_keys(held, [edited, back], {(Kind.MARK, back.key)}, FORMS) == {(Kind.MARK, back.key)}


def test_in_the_place_of_people_come_people_of_any_class():
    """With pupils of one class gone, newcomers wait wherever they are: a roster is one picture."""
    newcomer = upsert(Fingerprinted(pupil("9", of="5Б"), '{"class":"5Б"}'.encode(), "f"), 1)
    assert held_keys({("class:5А", Op.RETRACT, Kind.PUPIL)}, [newcomer], set(), FORMS) == {(Kind.PUPIL, "9")}
    assert held_keys({("class:5А", Op.RETRACT, Kind.MARK)}, [newcomer], set(), FORMS) == set()


def test_everything_belongs_to_its_class():
    """Pupils by the roster or what is said of them, a class by its name, records by their owner."""
    newcomer = upsert(Fingerprinted(pupil("9", of="5Б"), '{"class":"5Б"}'.encode(), "f"), 1)
    form = upsert(Fingerprinted(school_class("5В"), b"", "f"), 1)
    assert (FORMS.of(newcomer), FORMS.of(form), FORMS.of(gone("2", 1)[0])) == ("class:5Б", "class:5В", "class:5А")
    assert FORMS.of(retraction(Known(Kind.PUPIL, "9", "school", "9", None, 1, "f", gone=False))) == "school"
    assert FORMS.members("class:5А") == ["class:5А", "pupil:1", "pupil:2"]


@pytest.mark.parametrize(
    ("kind", "count", "known", "emptied"),
    [
        (Kind.MARK, 3, 3, False),
        (Kind.MARK, 4, 4, True),
        (Kind.MARK, 4, 5, False),
        (Kind.PUPIL, 1, 1, False),
        (Kind.PUPIL, 2, 2, True),
        (Kind.PUPIL, 3, 25, False),
        (Kind.PUPIL, 7, 25, False),
        (Kind.PUPIL, 8, 25, True),
    ],
)
def test_a_circle_is_emptied_by_its_own_measure(kind, count, known, emptied):
    """More than a few records of an owner, and all of them; of a class's pupils already a share of more than a few."""
    assert RULE.circle_emptied(kind, count, known) is emptied


def test_one_emptied_circle_is_a_mass_whatever_the_others_show():
    """Four marks of one pupil, and no other, are a mass although a thousand of his classmates stay."""
    live = {(Kind.MARK, "pupil:1"): 4, (Kind.MARK, "pupil:2"): 1000}
    assert masses(gone("1", 4), live, RULE, FORMS) == {("class:5А", Op.RETRACT, Kind.MARK)}
    assert masses(gone("1", 3), live, RULE, FORMS) == set()
