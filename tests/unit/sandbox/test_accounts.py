"""Truths about the accounts of the simulated ElJur."""

from datetime import date

import pytest

from ejsync.sandbox.accounts import PARTIAL, PUPIL_METHODS, invent_accounts, latin
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
    assert all("getmessagereceivers" in service.class_rules(book, form) for form in book.forms)
    assert not any(service.pupil_rules(book, pupil) for pupil in book.pupils.values())


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


@pytest.fixture(scope="module")
def large():
    """A school of twelve classes."""
    return invent_rollbook(pupils=300, seed=7, today=date(2026, 11, 23))


def readers(book, method):
    """How many accounts of partial rights read the method, by pupil id."""
    accounts = invent_accounts(book, rights=PARTIAL)
    return {
        pupil.id: sum(method in account.pupil_rules(book, pupil) for account in accounts)
        for pupil in book.pupils.values()
    }


def unread(book, method):
    """The classes of which nobody's marks, diary or finals can be read."""
    counts = readers(book, method)
    return [form for form in book.forms if not any(counts[pupil.id] for pupil in book.members(form))]


def test_partial_rights_leave_every_third_class_without_a_bridge(large):
    """Two thirds of the classes have a bridge; of the rest one is read through some parents."""
    accounts = invent_accounts(large, rights=PARTIAL)
    bridged = [account.forms[0] for account in accounts if account.whole_class]
    missing = [form for form in large.forms if form not in bridged]
    assert missing == large.forms[2::3]
    counts = readers(large, "getmarks")
    some = [bool(counts[pupil.id]) for pupil in large.members(missing[0])]
    assert 0 < sum(some) < len(some)
    assert set(unread(large, "getmarks")) < set(missing)


def test_partial_rights_lack_a_method_here_and_there(large):
    """One bridge may not read finals, another not the diary, and the service account not one class's homework."""
    service, *others = invent_accounts(large, rights=PARTIAL)
    bridges = [account for account in others if account.whole_class]
    lacking = [set(PUPIL_METHODS) - set(bridge.pupil_rules(large, bridge.pupils(large)[0])) for bridge in bridges]
    assert lacking[:3] == [set(), {"getfinalassessments"}, {"getdiary"}]
    assert not any(lacking[3:])
    homework = [form for form in large.forms if "gethomework" in service.class_rules(large, form)]
    assert [form for form in large.forms if form not in homework] == large.forms[2::3][-1:]
    assert service.classes(large) == large.forms


@pytest.mark.parametrize("pupils", [1, 30, 60, 90])
def test_partial_rights_fit_small_schools(pupils):
    """However few classes there are, some account reads some pupils."""
    book = invent_rollbook(pupils=pupils, seed=7, today=date(2026, 11, 23))
    assert any(readers(book, "getmarks").values())


def test_ready_made_tokens_are_distinct_and_follow_from_the_seed(book):
    """Every account has a token of its own, the same after a restart."""
    tokens = {account.token for account in invent_accounts(book)}
    assert len(tokens) == len(invent_accounts(book))


def test_a_taken_and_a_given_right_show_in_the_rules(book):
    """What is denied is listed no more, what is granted is listed besides, for a class and for a pupil."""
    service = by_login(book)["service"]
    form, pupil = book.forms[0], next(iter(book.pupils.values()))
    service.denied.add(("getschedule", form))
    service.granted.add(("getmarks", pupil.id))
    assert "getschedule" not in service.class_rules(book, form)
    assert service.pupils(book) == [pupil]
    assert service.pupil_rules(book, pupil) == ["getmarks"]


def test_who_may_read_nothing_of_a_class_does_not_relate_to_it(book):
    """A class of which every method is taken is gone from the relations."""
    service = by_login(book)["service"]
    service.denied.update((method, book.forms[0]) for method in service.class_methods)
    assert service.classes(book) == book.forms[1:]


def test_a_parent_may_be_given_a_class(book):
    """A granted class joins those of the children."""
    parent = by_login(book)["parent-1"]
    other = next(form for form in book.forms if form not in parent.classes(book))
    parent.granted.add(("gethomework", other))
    assert parent.class_rules(book, other) == ["gethomework"]
    assert other in parent.classes(book)
