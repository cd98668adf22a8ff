"""What a read asks for, understood the way ElJur understands it: leniently, ignoring in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ejsync.sandbox.accounts import Account
    from ejsync.sandbox.invented import Pupil
    from ejsync.sandbox.rollbook import Rollbook

_TRUE = frozenset({"1", "true", "yes"})
NO_RIGHT = "Недостаточно прав для доступа к данным"
# Never seen among the rules, so nobody can be refused them.
OPEN_METHODS = frozenset({"getrules", "getupdates"})


class Refused(Exception):
    """An answer other than 200: the state and the Russian sentence that goes with it."""

    def __init__(self, state: int, sentence: str) -> None:
        super().__init__(sentence)
        self.state = state
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Question:
    """A read: whose, of which days, with which flags. `form` is set where a class is asked for."""

    account: Account
    pupils: list[Pupil]
    form: str | None
    first: date
    last: date
    flags: frozenset[str]

    def covers(self, day: date) -> bool:
        """Whether the day lies in the window asked for."""
        return self.first <= day <= self.last


def understand(book: Rollbook, *, account: Account, method: str, params: Mapping[str, str]) -> Question:
    """Read the parameters of a call.

    Raises:
        Refused: 403 where the account has no right to the method or class, 400 where `days` makes no sense.
    """
    form = params.get("class")
    # These two are about classes whatever their parameters say; naming a class wins over naming a pupil.
    if form is not None or method in {"getreplaces", "getmessagereceivers"}:
        pupils = _nobody(book, account, method=method, form=form)
    else:
        pupils = _readable(book, account, method=method, asked=params.get("student", ""))
    first, last = _window(params.get("days", ""), today=book.term.today)
    flags = frozenset(name for name, value in params.items() if value.lower() in _TRUE)
    return Question(account, pupils, form, first, last, flags)


def _nobody(book: Rollbook, account: Account, *, method: str, form: str | None) -> list[Pupil]:
    """No pupil, for a read that is about a class; refused where the account may not make it."""
    forms = account.classes(book) if form is None else [form]
    if method in OPEN_METHODS or any(method in account.class_rules(book, one) for one in forms):
        return []
    raise Refused(403, NO_RIGHT)


def _readable(book: Rollbook, account: Account, *, method: str, asked: str) -> list[Pupil]:
    """Those of the asked ids that are the account's own (all its own where none is, silently) and may be read so."""
    ids, own = {part.strip() for part in asked.split(",")}, account.pupils(book)
    chosen = [pupil for pupil in own if pupil.id in ids] or own
    if method in OPEN_METHODS:
        return chosen
    if readable := [pupil for pupil in chosen if method in account.pupil_rules(book, pupil)]:
        return readable
    raise Refused(403, NO_RIGHT)


def _window(days: str, *, today: date) -> tuple[date, date]:
    # What ElJur does without `days` is unknown; a week keeps such an answer small.
    if not days:
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=6)
    first, _, last = days.partition("-")
    try:
        return _day(first), _day(last or first)
    except ValueError:
        raise Refused(400, "Неверно указан период") from None


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a school day has no zone
