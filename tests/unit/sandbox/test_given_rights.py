"""Truths about rights that are taken and given."""

from datetime import date

import pytest

from ejsync.sandbox.accounts import CLASS_METHODS, PUPIL_METHODS, invent_accounts
from ejsync.sandbox.given_rights import RightsError, change_rights, rights_shown
from ejsync.sandbox.rollbook import invent_rollbook


@pytest.fixture
def book():
    """A school of two classes."""
    return invent_rollbook(pupils=60, seed=7, today=date(2026, 11, 23))


@pytest.fixture
def accounts(book):
    """Its accounts."""
    return invent_accounts(book)


def changed(book, accounts, **document):
    """What is shown of the bridge after a change."""
    change_rights(book, accounts, {"account": "bridge-10a", **document})
    return rights_shown(book, accounts)["bridge-10a"]


def test_a_right_is_taken_and_given_back(book, accounts):
    """A method taken for all pupils of a class is listed for none of them, and given back for all."""
    before = rights_shown(book, accounts)["bridge-10a"]
    meant = {"method": "getmarks", "pupils_of": "10А"}
    after = changed(book, accounts, op="revoke", **meant)
    assert before["classes"] == after["classes"]
    assert all(rules == [one for one in PUPIL_METHODS if one != "getmarks"] for rules in after["pupils"].values())
    assert changed(book, accounts, op="grant", **meant) == before


def test_without_a_method_everything_is_taken(book, accounts):
    """A pupil or class of which every method is taken is gone from the relations."""
    pupil = book.members("10А")[0].id
    assert pupil not in changed(book, accounts, op="revoke", pupil=pupil)["pupils"]
    assert changed(book, accounts, op="revoke", **{"class": "10А"})["classes"] == {}


def test_a_stranger_may_be_given(book, accounts):
    """A class or pupil whom the account did not relate to is listed with what was given."""
    stranger = book.members("5А")[0].id
    shown = changed(book, accounts, op="grant", method="getdiary", pupil=stranger)
    assert shown["pupils"][stranger] == ["getdiary"]
    shown = changed(book, accounts, op="grant", method="getschedule", **{"class": "5А"})
    assert shown["classes"] == {"10А": list(CLASS_METHODS), "5А": ["getschedule"]}


@pytest.mark.parametrize(
    "document",
    [
        "no object",
        {"op": "steal", "account": "bridge-10a", "class": "10А"},
        {"op": "grant", "account": "nobody", "class": "10А"},
        {"op": "grant", "account": "bridge-10a"},
        {"op": "grant", "account": "bridge-10a", "class": "99Я"},
        {"op": "grant", "account": "bridge-10a", "pupil": "1"},
        {"op": "grant", "account": "bridge-10a", "class": "10А", "method": "getmarks"},
        {"op": "revoke", "account": "bridge-10a", "pupils_of": "10А", "method": "getreplaces"},
    ],
)
def test_what_makes_no_sense_is_refused(book, accounts, document):
    """An unknown account, class, pupil or method changes nothing."""
    before = rights_shown(book, accounts)
    with pytest.raises(RightsError):
        change_rights(book, accounts, document)
    assert rights_shown(book, accounts) == before
