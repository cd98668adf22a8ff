"""Rights by `getrules`."""

from datetime import timedelta

import pytest

from ejsync.errors import ContractViolation
from ejsync.sources.eljur.client.rights import masked, parse_rights

RULES = {
    "roles": ["helper"],
    "relations": {
        "students": {"1001": {"rules": ["getMarks", "getdiary"]}},
        "groups": {"10А": {"name": "10А", "rules": ["getschedule"]}},
    },
}


def test_rights_are_listed_methods():
    """An account may do what is listed for a pupil or class, in any case, and nothing else."""
    rights = parse_rights("bridge", RULES)
    assert rights.may_pupil("getmarks", "1001")
    assert rights.may_class("getschedule", "10А")
    assert not rights.may_pupil("getmarks", "1002")
    assert not rights.may_class("gethomework", "10А")
    assert rights.mentions("getdiary")
    assert not rights.mentions("getmessagereceivers")


@pytest.mark.parametrize("nothing", [[], None, {}, {"relations": []}, {"relations": {"students": None, "groups": []}}])
def test_no_relations_are_no_rights(nothing):
    """However emptiness is written, an account without relations may read nothing."""
    rights = parse_rights("bridge", nothing)
    assert (rights.roles, dict(rights.pupils), dict(rights.classes)) == (frozenset(), {}, {})


def test_drifted_rules_say_the_same():
    """Rules as objects and pupils as a list give the same rights."""
    students = [{"name": 1001, "rules": {"0": "getmarks", "1": "getdiary"}}]
    groups = {"10А": {"rules": {"0": "getschedule"}}}
    drifted = {"roles": {"0": "helper"}, "relations": {"students": students, "groups": groups}}
    assert parse_rights("bridge", drifted) == parse_rights("bridge", RULES)


def test_rights_are_asked_for_once_an_hour(opened, eljur, clock):
    """Within an hour rights are remembered; after it they are asked for again."""
    eljur.standing["getrules"] = RULES
    (book,) = opened()._books.values()
    assert book.rights() is book.rights()
    assert eljur.calls()["getrules"] == 1
    clock.sleep(3601)
    book.rights()
    assert eljur.calls()["getrules"] == 2


def test_rights_are_known_to_the_next_run(opened, eljur, clock):
    """Within an hour a restart asks for nothing and knows the very same rights; after it one request is made."""
    eljur.standing["getrules"] = RULES
    (book,) = opened()._books.values()
    rights = book.rights()
    for _ in range(10):
        clock.elapsed_s += 350
        (book,) = opened()._books.values()
        assert book.rights() == rights
    assert eljur.calls() == {"auth": 1, "getrules": 1}
    clock.elapsed_s += 101
    (book,) = opened()._books.values()
    assert book.rights() == rights
    assert eljur.calls() == {"auth": 1, "getrules": 2}


def test_rights_of_other_credentials_are_not_believed(opened, eljur, monkeypatch):
    """If the account has another password its rights are asked for anew."""
    eljur.standing["getrules"] = RULES
    for password in ("hidden-password", "hidden-password", "another-password"):
        monkeypatch.setenv("PASSWORD", password)
        (book,) = opened()._books.values()
        book.rights()
    assert eljur.calls() == {"auth": 2, "getrules": 2}


def test_rights_from_a_clock_that_was_wrong_are_not_believed(opened, eljur, clock, monkeypatch):
    """Rights that seem to be asked for in the future are asked for anew."""
    eljur.standing["getrules"] = RULES
    (book,) = opened()._books.values()
    book.rights()
    earlier = clock.now() - timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    book.rights()
    assert eljur.calls()["getrules"] == 2


def test_rights_may_be_refreshed(opened, eljur):
    """A refresh asks at once, and what it brought is what every run knows from then on."""
    eljur.standing["getrules"] = RULES
    (book,) = opened()._books.values()
    book.rights()
    eljur.standing["getrules"] = {"roles": ["parent"]}
    assert book.refresh().roles == book.rights().roles == {"parent"}
    (again,) = opened()._books.values()
    assert again.rights().roles == {"parent"}
    assert eljur.calls()["getrules"] == 2


def test_rights_of_unknown_shape_break_their_contract(opened, eljur):
    """Rights in an unknown shape are an error that names places, not pupils."""
    eljur.standing["getrules"] = {"relations": {"students": {"1001": {"rules": "all"}}}}
    (book,) = opened()._books.values()
    with pytest.raises(ContractViolation) as caught:
        book.rights()
    assert caught.value.facts() == {"contract": "eljur/v1/getrules", "pointers": ("/relations/students/*/rules",)}


def test_pointers_name_no_one():
    """Ids, days, positions and names in pointers become a star; equal places are named once."""
    pointers = ("/students/1001/lessons/0/marks", "/students/1002/lessons/5/marks", "/days/20261116/items/Алгебра", "")
    assert masked(pointers) == ("", "/days/*/items/*", "/students/*/lessons/*/marks")
