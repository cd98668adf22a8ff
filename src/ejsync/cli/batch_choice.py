"""How operators choose batches: by what is in them, where they go, when they were made, and why they failed."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ejsync.cli.speaking import option
from ejsync.domain.batches import BatchState
from ejsync.domain.decisions import Selection
from ejsync.domain.records import Kind
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.pipeline.ports import Wiring

Callback = TypeVar("Callback", bound=Callable[..., Any])
STATES = tuple(state.value for state in BatchState)
_AGO = re.compile(r"(\d{1,5})([mhd])")
_FIRST, _LAST = date(1970, 1, 2), date(9999, 12, 29)  # every zone can tell their first and last instants in UTC
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class When:
    """A moment as it was typed: so long ago, or a whole day of the school's calendar."""

    typed: str
    ago: timedelta | None = None
    day: date | None = None

    def instant(self, wiring: "Wiring", *, after: bool = False) -> datetime:
        """Return the moment by the school's clock: of a day its first instant, or `after` it the first of the next."""
        if self.ago is not None:
            return wiring.clock.now() - self.ago
        day = (self.day or date.min) + timedelta(days=after)
        return datetime.combine(day, time(), wiring.zone)


class _Moment(click.ParamType[When]):
    """`2h`, `3d`, `30m`, or a day as `2026-11-23`."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Understand a moment.

        Raises:
            click.BadParameter: it is none.
        """
        ago = _AGO.fullmatch(value)
        if ago is not None:
            return When(value, ago=timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if not _FIRST <= day <= _LAST:
            self.fail(say(N_("say how long ago, as 30m, 2h or 3d, or a day as YYYY-MM-DD")), param, ctx)
        return When(value, day=day)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line; what is None or empty excludes nothing."""

    sink: str | None = None
    kind: str | None = None
    reason: str | None = None
    since: When | None = None
    until: When | None = None
    states: tuple[str, ...] = ()

    def within(self, wiring: "Wiring") -> Selection:
        """Return the choice as it reads by a school's clock and calendar."""
        return Selection(
            states=tuple(map(BatchState, self.states)),
            sink=self.sink,
            kind=Kind(self.kind) if self.kind else None,
            reason=self.reason,
            since=self.since.instant(wiring) if self.since else None,
            until=self.until.instant(wiring, after=True) if self.until else None,
        )

    def typed(self) -> list[str]:
        """Return the options that ask for the same."""
        moments = {"--since": self.since and self.since.typed, "--until": self.until and self.until.typed}
        named = {"--sink": self.sink, "--kind": self.kind, "--reason": self.reason, **moments}
        words = [word for name, value in named.items() if value for word in (name, shlex.quote(value))]
        return words + [word for state in self.states for word in ("--state", state)]


_OPTIONS = (
    option("--sink", metavar=N_("NAME"), help=N_("Only this diary.")),
    option(
        "--kind", metavar=N_("KIND"), type=click.Choice([kind.value for kind in Kind]),
        help=N_("Only records of this kind, as `batches show --json` names it."),
    ),
    option("--reason", metavar=N_("CODE"), help=N_("Only items answered so, or of batches whose last error is this.")),
    option("--since", metavar=N_("WHEN"), type=_Moment(), help=N_("Only batches made since: 30m, 2h, 3d, or a day.")),
    option("--until", metavar=N_("WHEN"), type=_Moment(), help=N_("Only batches made before, or up to a day's end.")),
    option("--state", "states", multiple=True, type=click.Choice(STATES), help=N_("Only this state; may be repeated.")),
)  # fmt: skip


def choosing(command: Callback) -> Callback:
    """Add the options by which batches are chosen; the verb gets them as the fields of `Asked`."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command
