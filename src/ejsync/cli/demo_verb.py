"""`demo`: the whole story in a minute, on two simulated services."""

import sys
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.showing import BAD, GOOD
from ejsync.cli.speaking import Verb, as_json, option
from ejsync.errors import Exit
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.sandbox.story import Step

_TOTALS = {
    "journal_records": N_("Records in the journal"),
    "delivered": N_("Delivered to the diary"),
    "withheld": N_("Withheld: no consent"),
    "quarantined": N_("In quarantine"),
    "dead": N_("Dead letters"),
    "lost": N_("Lost"),
    "duplicated": N_("Duplicated"),
    "audit_verified": N_("Audit chain verified"),
    "seconds": N_("Seconds"),
}
_SHOULD_BE_NONE = ("lost", "duplicated", "dead")


@click.command(
    "demo",
    cls=Verb,
    help=N_("Play the whole story on this machine: an invented school, a simulated journal and a simulated diary."),
    examples=("ejsync demo", "ejsync demo --pupils 60 --json"),
)
@option(
    "--pupils", type=click.IntRange(20, 20_000), default=300, show_default=True, metavar=N_("NUMBER"),
    help=N_("How many pupils the school has."),
)  # fmt: skip
@option(
    "--seed", type=int, default=7, show_default=True, metavar=N_("NUMBER"), help=N_("The same seed, the same school.")
)
@as_json
def demo(*, pupils: int, seed: int, as_json: bool) -> int:
    """Tell the story while it is played."""
    from ejsync.sandbox.story import play

    teller = Teller(silent=as_json)
    teller.open(pupils)
    told = play(pupils=pupils, seed=seed, tell=teller.tell)
    if as_json:
        showing.document(told)
    else:
        _show_totals(told)
    return Exit.WELL if told["ok"] else Exit.WITH_DEAD_ITEMS


class Teller:
    """Prints each step as it ends."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._told = 0

    def open(self, pupils: int) -> None:
        """Print the headline."""
        if not self._silent:
            showing.heading(say(N_("ejsync: from the journal to the diary")))
            showing.line(
                say(N_("An invented school of {pupils} pupils; everything stays on this machine."), pupils=pupils)
            )

    def tell(self, step: "Step") -> None:
        """Print one step: a sign, its sentence, its facts below."""
        self._told += 1
        if self._silent:
            return
        showing.line()
        sign, style = ("✓", GOOD) if step.ok else ("✗", BAD)
        showing.marked(f"{sign} {self._told:2}", step.sentence, style)
        sys.stdout.flush()


def _show_totals(told: dict[str, Any]) -> None:
    showing.heading(say(N_("In the end")))
    rows = [[say(words), _total(name, told[name])] for name, words in _TOTALS.items() if name in told]
    showing.table([say(N_("What")), say(N_("Count"))], rows)
    showing.line()
    if told["ok"]:
        showing.line(say(N_("The diary holds exactly what the journal says and the families allow.")), GOOD)
    else:
        failed = ", ".join(step["name"] for step in told["steps"] if not step["ok"])
        showing.line(say(N_("Something did not go as it should: {steps}."), steps=failed or "-"), BAD)


def _total(name: str, value: Any) -> showing.Cell:
    if isinstance(value, bool):
        return (say(N_("yes")), GOOD) if value else (say(N_("no")), BAD)
    if name in _SHOULD_BE_NONE:
        return (value, BAD if value else GOOD)
    return f"{value:.1f}" if isinstance(value, float) else value
