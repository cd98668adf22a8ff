"""The words for what the office's sheets hold: titles, values, one line that says what a row is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import orjson

from ejsync.cli.glossary import day, word
from ejsync.wording import N_, say, translated

TITLES = {
    "contact": "Контакты",
    "curriculum": "Учебный план",
    "deferral": "Отсрочки и освобождения",
    "recommendation": "Рекомендации",
}
"""The names of the sheets in our templates."""
_WORDS = {
    "contact": N_("contacts"),
    "curriculum": N_("curriculum"),
    "deferral": N_("deferrals"),
    "recommendation": N_("recommendations"),
    "mother": N_("mother"),
    "father": N_("father"),
    "email": N_("e-mail"),
    "sms": N_("SMS"),
    "post": N_("letter"),
    "electronic": N_("electronic"),
    "paper": N_("on paper"),
    "deferred": N_("put off"),
    "exempt": N_("exempt"),
    "new": N_("new"),
    "changed": N_("changed"),
    "same": N_("unchanged"),
    "year": N_("year"),
}


def office_word(value: str) -> str:
    """Return the word for a value in the reader's language."""
    return translated(_WORDS[value]) if value in _WORDS else word(value)


def heads_of(kind: str, fields: Iterable[str]) -> list[str]:
    """Return the heads under which fields stand in the sheets of a kind."""
    from ejsync.domain.office import OfficeKind
    from ejsync.domain.office_sheets import COLUMNS

    heads = {column.name: column.heads[0] for column in COLUMNS[OfficeKind(kind)]}
    return [heads[name] for name in fields]


def described(kind: str, payload: bytes) -> str:
    """Say in one line what a row is, without its address or text."""
    told = orjson.loads(payload)
    parts = {"contact": _contact, "curriculum": _curriculum, "deferral": _deferral, "recommendation": _advice}[kind](
        told
    )
    return ", ".join(filter(None, parts))


def _day(written: str | None) -> str | None:
    return day(date.fromisoformat(written)) if written else None


def _contact(told: dict[str, Any]) -> list[str | None]:
    return [office_word(told[name]) for name in ("whose", "way", "form")]


def _curriculum(told: dict[str, Any]) -> list[str | None]:
    hours = say(N_("{hours} h"), hours=told["hours"])
    return [told["subject"], told["group"], office_word(told["period"]), hours]


def _deferral(told: dict[str, Any]) -> list[str | None]:
    subject = told["subject"] or say(N_("all subjects"))
    until = say(N_("until {day}"), day=_day(told["until"])) if told["until"] else None
    return [subject, office_word(told["period"]), office_word(told["state"]), until]


def _advice(told: dict[str, Any]) -> list[str | None]:
    return [told["subject"], _day(told["date"])]
