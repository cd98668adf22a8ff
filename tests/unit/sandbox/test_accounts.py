"""Truths about the accounts of the simulated ElJur."""

from datetime import date

import pytest

from ejsync.sandbox.accounts import PUPIL_METHODS, invent_accounts, latin
from ejsync.sandbox.rollbook import invent_rollbook


@pytest.fixture
def book():
    """A school of two classes."""
    return invent_rollbook(pupils=60, seed=7, today=date(2026, 11, 23))


def by_login(book):
    """The school's accounts by their login."""
    return {account.login: account for account in invent_accounts(book)}


def test_one_service_a_bridge_for_each_class_and_five_parents(book):
    """The accounts are the service, one bridge a class and five parents, with distinct logins and passwords."""
    accounts = by_login(book)
    bridges = {f"bridge-{latin(form)}" for form in book.forms}
    assert set(accounts) == {"service", *bridges, *(f"parent-{n}" for n in range(1, 6))}
    assert len({account.password for account in accounts.values()}) == len(accounts)


def test_passwords_follow_from_the_seed(book):
    """The same school has the same passwords after a restart."""
    assert invent_accounts(book) == invent_accounts(book)


def test_service_reads_every_class_and_no_pupil(book):
    """The service account has class rights everywhere and pupil rights nowhere."""
    service = by_login(book)["service"]
    assert (service.classes(book), service.pupils(book)) == (book.forms, [])
    assert service.may("getmessagereceivers", by_class=True)
    assert not any(service.may(method, by_class=False) for method in PUPIL_METHODS)


def test_bridges_together_cover_every_pupil_once(book):
    """The bridge accounts add up to the whole school."""
    bridges = [account for account in invent_accounts(book) if account.whole_class]
    covered = [pupil.id for account in bridges for pupil in account.pupils(book)]
    assert sorted(covered) == sorted(book.pupils)


def test_rights_follow_a_pupil_who_moves_or_leaves(book):
    """A bridge sees a pupil only while he is in its class, a parent only while the child is at the school."""
    accounts = by_login(book)
    parent = accounts["parent-1"]
    (child,) = parent.pupils(book)
    bridge = accounts[f"bridge-{latin(child.form)}"]
    other = next(form for form in book.forms if form != child.form)
    child.form = other
    assert child not in bridge.pupils(book)
    assert parent.classes(book) == [other]
    book.remove_pupil(child.id)
    assert (parent.pupils(book), parent.classes(book)) == ([], [])


def test_parents_have_one_or_two_children(book):
    """A parent account relates to one or two children."""
    parents = [account for account in invent_accounts(book) if account.role == "parent"]
    assert {len(account.children) for account in parents} == {1, 2}


def test_class_names_in_latin():
    """A login is written in Latin letters."""
    assert latin("10А") == "10a"
    assert latin("5Ш2") == "5sh2"
