"""Truths about how a read's parameters are understood."""

from datetime import date

import pytest

from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.question import Refused, understand
from ejsync.sandbox.rollbook import invent_rollbook

BOOK = invent_rollbook(pupils=60, seed=7, today=date(2026, 11, 25))
ACCOUNTS = {account.login: account for account in invent_accounts(BOOK)}
BRIDGE = ACCOUNTS["bridge-10a"]
OWN = [pupil.id for pupil in BRIDGE.pupils(BOOK)]


def ask(method="getmarks", account=BRIDGE, **params):
    """How a call's parameters are understood."""
    return understand(BOOK, account=account, method=method, params=params)


def ids(question):
    """The ids of the pupils that a question is about."""
    return [pupil.id for pupil in question.pupils]


def test_asked_pupils_are_answered():
    """Several ids may be asked for at once."""
    assert ids(ask(student=f"{OWN[0]},{OWN[2]}")) == [OWN[0], OWN[2]]


def test_unknown_ids_are_ignored_in_silence():
    """A misspelt id is dropped, and where nothing is left all own pupils are answered."""
    assert ids(ask(student=f"{OWN[0]},999")) == [OWN[0]]
    assert ids(ask(student="999")) == OWN
    assert ids(ask()) == OWN


def test_another_accounts_pupil_is_as_good_as_unknown():
    """A pupil outside the account's relations cannot be read."""
    stranger = next(pupil for pupil in BOOK.pupils if pupil not in OWN)
    assert ids(ask(student=stranger)) == OWN


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        ("20261116", date(2026, 11, 16), date(2026, 11, 16)),
        ("20260901-20270531", date(2026, 9, 1), date(2027, 5, 31)),
        ("", date(2026, 11, 23), date(2026, 11, 29)),
    ],
)
def test_windows(days, first, last):
    """A window is a day, an inclusive span, or today's week where nothing is said."""
    question = ask(days=days)
    assert (question.first, question.last) == (first, last)
    assert question.covers(first)
    assert question.covers(last)


def test_senseless_window_is_400():
    """A window that is no date is refused."""
    with pytest.raises(Refused) as refused:
        ask(days="tomorrow")
    assert refused.value.state == 400


@pytest.mark.parametrize("value", ["true", "yes", "1", "True"])
def test_flags(value):
    """A flag is set by any of the spellings seen."""
    assert ask(rings=value).flags == {"rings"}
    assert ask(rings="no").flags == frozenset()


@pytest.mark.parametrize(
    ("login", "method", "params"),
    [
        ("service", "getmarks", {}),
        ("bridge-10a", "getreplaces", {"class": "10А"}),
        ("bridge-10a", "getmessagereceivers", {}),
        ("bridge-10a", "getschedule", {"class": "5А"}),
        ("bridge-10a", "getmarks", {"class": "10А"}),
        ("service", "getschedule", {"class": "99Я"}),
    ],
)
def test_what_rules_do_not_list_is_403(login, method, params):
    """A method or class that the account's rules do not list is refused with 403."""
    with pytest.raises(Refused) as refused:
        ask(method, ACCOUNTS[login], **params)
    assert refused.value.state == 403


def test_everybody_may_ask_for_the_rules():
    """`getrules` needs no right."""
    assert ask("getrules", ACCOUNTS["service"]).pupils == []


def test_method_not_granted_for_a_pupil_is_403_or_left_out():
    """Of the pupils asked for only those whom the method is granted for are answered; where it is none, 403."""
    account = next(one for one in invent_accounts(BOOK) if one.login == "bridge-10a")
    account.denied.add(("getmarks", OWN[0]))
    assert ids(ask(account=account, student=f"{OWN[0]},{OWN[1]}")) == [OWN[1]]
    with pytest.raises(Refused) as refused:
        ask(account=account, student=OWN[0])
    assert refused.value.state == 403
    assert ids(ask("getdiary", account, student=OWN[0])) == [OWN[0]]


def test_updates_need_no_listed_right():
    """`getupdates` was never seen among the rules, so whoever relates to a pupil may ask."""
    assert ids(ask("getupdates", student=OWN[0])) == [OWN[0]]
