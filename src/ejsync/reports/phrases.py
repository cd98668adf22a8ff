"""How numbers, days and states read on paper and in tables, in the reader's language."""

from datetime import date
from fractions import Fraction
from typing import Any

from ejsync.domain.final_states import FinalState
from ejsync.domain.rounding import decimal
from ejsync.wording import N_, say, translated

DASH = "—"
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_STATES = {
    FinalState.EXEMPT: N_("exempt"),
    FinalState.DEFERRED: N_("put off"),
    FinalState.NOT_DUE: N_("not due yet"),
    FinalState.MISSING: N_("missing"),
}
_SIGNS = {
    FinalState.EXEMPT: N_("ex."),
    FinalState.DEFERRED: N_("def."),
    FinalState.NOT_DUE: "·",
    FinalState.MISSING: "?",
}


def language() -> str:
    """Return the code of the reader's language, which decides how words are divided."""
    return say(N_("en"))


def long_day(written: str) -> str:
    """Write a day of a payload as 16.11.2026."""
    return date.fromisoformat(written).strftime("%d.%m.%Y")


def short_day(written: str) -> str:
    """Write a day of a payload as 16.11."""
    return date.fromisoformat(written).strftime("%d.%m")


def weekday(written: str) -> str:
    """Write a day of a payload as Mon 16.11."""
    return f"{say(_WEEKDAYS[date.fromisoformat(written).weekday()])} {short_day(written)}"


def span(period: Any) -> str:
    """Write the days of a period; nothing where it has none."""
    return f"{long_day(period['start'])} – {long_day(period['end'])}" if period["start"] and period["end"] else ""


def number(written: str | None) -> str:
    """Write a decimal of a payload with the reader's sign; a dash for none."""
    if written is None:
        return DASH
    whole, point, digits = written.partition(".")
    return written if not point else say(N_("{whole}.{digits}"), whole=whole, digits=digits)


def clipped(text: str, letters: int = 20) -> str:
    """Return a text that is no longer than so many letters."""
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def percent(share: str | None) -> str:
    """Write a share of a payload in percent, with one digit where it is no whole number; a dash for none."""
    return DASH if share is None else f"{number(decimal(Fraction(share) * 100, 1).removesuffix('.0'))} %"


def weight(value: float | None) -> str:
    """Write a weight other than 1 as ×2, ×0.5; nothing for 1 or none."""
    return "" if value in (None, 1) else f"×{number(f'{value:g}') if value % 1 else int(value)}"


def reach(row: Any) -> str:
    """Write the range of a forecast: 3–5, or 4 where only one result is left; a dash for none."""
    lowest, highest = row["lowest"], row["highest"]
    if lowest is None:
        return DASH
    return str(lowest) if lowest == highest else f"{lowest}–{highest}"


def state(found: FinalState, until: str | None = None) -> str:
    """Say why there is no final mark."""
    if found is FinalState.DEFERRED and until:
        return say(N_("put off until {day}"), day=long_day(until))
    return translated(_STATES[found])


def state_sign(found: FinalState) -> str:
    """Return the sign of a state in a narrow cell; `legend` explains it."""
    return translated(_SIGNS[found])


def legend(found: set[FinalState]) -> str:
    """Explain the signs of those states that occur."""
    return "; ".join(f"{translated(_SIGNS[one])} {DASH} {translated(_STATES[one])}" for one in _SIGNS if one in found)


def page_of() -> str:
    """Return the words under a page; %p and %n stand for its number and their count."""
    return say(N_("page %p of %n"))
