"""`consent`: what families have decided: read in from a sheet, looked at, withdrawn."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.glossary import day, pupil_id, word
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verbs, argument, as_json, confirm, confirmed, of_school, option
from ejsync.errors import BadInput, NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.consent import Consent
    from ejsync.pipeline.ports import Wiring

SCOPES = ("results", "contacts")
GROUNDS = ("granted", "missing", "refused", "not_yet_valid", "expired", "withdrawn")

group = Verbs(
    "consent",
    help=N_("Register what families have decided, look at it, withdraw it."),
    examples=("ejsync consent import consents.csv --dry-run", "ejsync consent list", "ejsync consent withdraw 1234"),
)


@group.command(
    "import",
    help=N_(
        "Register decisions from an XLSX or CSV file, all or nothing. Heads: ученик; область; решение; кем дано;"
        " документ; действует с; действует до. What is registered already is passed over; a decision that was withdrawn"
        " or replaced since stops the file, unless --again is given."
    ),
    examples=("ejsync consent import consents.csv --dry-run", "ejsync consent import consents.xlsx --strict"),
)
@argument("file", metavar=N_("FILE"), type=click.Path(dir_okay=False, path_type=Path))
@option("--sheet", metavar=N_("NAME"), help=N_("The sheet of the file that is meant, if several hold something."))
@option("--dry-run", is_flag=True, help=N_("Check the file and register nothing."))
@option("--strict", is_flag=True, help=N_("Refuse the file if it names pupils that the journal does not know."))
@option("--again", is_flag=True, help=N_("Register anew even what was withdrawn or replaced since."))
@of_school
@as_json
@pass_desk
def import_sheet(desk: Desk, /, *, file: Path, school: str | None, **how: Any) -> None:
    """Parse, compare with register and roster, register."""
    from ejsync.cli.consent_import import read_in

    with desk.exchange() as exchange:
        read_in(one_school(exchange, school), file, **how)


@group.command(
    "template",
    help=N_(
        "Write an empty sheet for `consent import`. It has one row for each pupil, with number and class. Names are"
        " left out: ejsync hands no name to a file, and the numbers are ElJur's own. Delete rows without a decision."
    ),
    examples=("ejsync consent template", "ejsync consent template consents.xlsx --force"),
)
@argument("path", metavar=N_("[PATH]"), default="consents.csv",
          type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))  # fmt: skip
@option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
@of_school
@pass_desk
def template(desk: Desk, *, path: Path, force: bool, school: str | None) -> None:
    """Write the sheet."""
    from ejsync.cli.consent_import import write_template

    with desk.exchange() as exchange:
        write_template(one_school(exchange, school), path, force=force)


def one_school(exchange: "Exchange", name: str | None) -> "Wiring":
    """Return the one school that is meant.

    Raises:
        click.UsageError: there are several and none is named.
    """
    found = exchange.school(name)
    if len(found) > 1:
        raise click.UsageError(say(N_("There are several schools: say --school NAME.")))
    return found[0]


@group.command(
    "list",
    help=N_("List pupils and whether their records may leave."),
    examples=("ejsync consent list", "ejsync consent list --ground missing --json"),
)
@option("--scope", type=click.Choice(SCOPES), default="results", show_default=True, help=N_("What the consent is for."))
@option("--ground", type=click.Choice(GROUNDS), help=N_("Only pupils on this ground."))
@option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help=N_("How many at most."))
@of_school
@as_json
@pass_desk
def show_list(desk: Desk, /, *, school: str | None, as_json: bool, limit: int, **wanted: Any) -> None:
    """Count by ground, then name the pupils."""
    with desk.exchange() as exchange:
        found = [row for wiring in exchange.school(school) for row in _standings(wiring, wanted["scope"])]
    counts = Counter(row["ground"] for row in found)
    rows = [row for row in found if wanted["ground"] in {None, row["ground"]}]
    if as_json:
        showing.document({"counts": dict(counts), "pupils": rows[:limit], "left_out": max(len(rows) - limit, 0)})
        return
    showing.table([say(N_("Ground")), say(N_("Pupils"))], [[_ground(name), count] for name, count in counts.items()])
    showing.line()
    _show_pupils(rows[:limit])
    if len(rows) > limit:
        more = say_count("… {count} more: --limit", "… {count} more: --limit", len(rows) - limit)
        showing.line(more)


def _standings(wiring: "Wiring", scope: str) -> list[dict[str, Any]]:
    """Return every pupil of the roster and of the register with the answer of this moment."""
    from ejsync.domain.consent import permission

    with wiring.store.read(wiring.school) as tx:
        decided, class_of = tx.consents.of(), tx.records.roster().class_of()
    rows = []
    for pupil in sorted({*decided, *class_of}):
        mine = [one for one in decided.get(pupil, ()) if one.scope.value == scope]
        found = permission(mine, wiring.clock.now(), wiring.zone)
        latest = next((one for one in mine if one.number == found.consent_number), None)
        rows.append(
            {
                "school": wiring.school,
                "pupil": pupil,
                "class": class_of.get(pupil),
                "scope": scope,
                "allowed": found.allowed,
                "ground": found.ground.value,
                "valid_from": latest.valid_from if latest else None,
                "valid_until": latest.valid_until if latest else None,
                "document": latest.document if latest else None,
            }
        )
    return rows


def _ground(name: str) -> showing.Cell:
    return word(name), GOOD if name == "granted" else BAD if name in {"refused", "withdrawn"} else WARNING


def _shown(value: Any) -> str:
    return day(value) if isinstance(value, date) else str(value or "-")


def _show_pupils(rows: list[dict[str, Any]]) -> None:
    heads = (N_("Pupil"), N_("Class"), N_("Ground"), N_("From"), N_("Until"), N_("Document"))
    names = ("class", "ground", "valid_from", "valid_until", "document")
    body = [
        [row["pupil"], *(_ground(row[name]) if name == "ground" else _shown(row[name]) for name in names)]
        for row in rows
    ]
    showing.table([say(head) for head in heads], body)


@group.command(
    "show",
    help=N_("Show every decision about one pupil, newest last."),
    examples=("ejsync consent show 1234", "ejsync consent show 1234 --json"),
)
@argument("pupil", metavar=N_("PUPIL"))
@of_school
@as_json
@pass_desk
def show(desk: Desk, *, pupil: str, school: str | None, as_json: bool) -> None:
    """Print the register's rows of a pupil."""
    pupil_id(pupil)
    with desk.exchange() as exchange:
        found = [(wiring, one) for wiring in exchange.school(school) for one in _of(wiring, pupil)]
    if not found:
        raise NotFound(what=say(N_("decision registered for pupil")), name=pupil, listing="ejsync consent list")
    if as_json:
        showing.document({"decisions": [_told(wiring, one) for wiring, one in found]})
        return
    heads = (
        N_("No."),
        N_("Scope"),
        N_("Decision"),
        N_("Given by"),
        N_("From"),
        N_("Until"),
        N_("Withdrawn"),
        N_("Document"),
    )
    showing.table([say(head) for head in heads], [_row(wiring, one) for wiring, one in found])


def _of(wiring: "Wiring", pupil: str) -> "list[Consent]":
    with wiring.store.read(wiring.school) as tx:
        return tx.consents.of([pupil]).get(pupil, [])


def _told(wiring: "Wiring", consent: "Consent") -> dict[str, Any]:
    from dataclasses import asdict

    return {"school": wiring.school, **asdict(consent)}


def _row(wiring: "Wiring", one: "Consent") -> list[showing.Cell]:
    return [
        one.number,
        word(one.scope.value),
        (word(one.decision.value), GOOD if one.decision.value == "granted" else BAD),
        word(one.given_by),
        day(one.valid_from),
        _shown(one.valid_until),
        showing.local(one.withdrawn_at, wiring.zone),
        one.document,
    ]


@group.command(
    "withdraw",
    help=N_("Withdraw a family's consent: nothing leaves any more, and what has left is called back."),
    examples=("ejsync consent withdraw 1234", "ejsync consent withdraw 1234 --scope contacts --yes"),
)
@argument("pupil", metavar=N_("PUPIL"))
@option("--scope", type=click.Choice(SCOPES), default="results", show_default=True, help=N_("What the consent is for."))
@confirmed
@of_school
@pass_desk
def withdraw(desk: Desk, *, pupil: str, scope: str, yes: bool, school: str | None) -> None:
    """Ask, then withdraw; retractions go first of all."""
    from ejsync.domain.consent import Scope
    from ejsync.pipeline.registering import withdraw as take_back

    with desk.exchange() as exchange:
        wiring = one_school(exchange, school)
        _standing(wiring, pupil_id(pupil), scope)
        if not confirm(say(N_("Withdraw the consent of pupil {pupil}?"), pupil=pupil), yes=yes):
            showing.note(say(N_("Nothing was done.")))
            return
        take_back(wiring, pupil, Scope(scope))
    showing.line(say(N_("Withdrawn. What the diary holds of this pupil is called back at the next delivery.")))
    showing.line(say(N_("The running ejsync sends it by itself; without one: ejsync sync")))


def _standing(wiring: "Wiring", pupil: str, scope: str) -> None:
    """Make sure that there is a consent to withdraw, before anybody is asked.

    Raises:
        NotFound: nothing is registered.
        BadInput: it was refused, or is withdrawn already.
    """
    mine = [one for one in _of(wiring, pupil) if one.scope.value == scope]
    if not mine:
        raise NotFound(what=say(N_("decision registered for pupil")), name=pupil, listing="ejsync consent list")
    granted = [one for one in mine if one.decision.value == "granted"]
    if any(one.withdrawn_at is None for one in granted):
        return
    what = say(N_("consent of pupil {pupil}"), pupil=pupil)
    ends = [one.withdrawn_at for one in granted if one.withdrawn_at is not None]
    if not ends:
        raise BadInput(what=what, faults=(say(N_("the family refused; there is nothing to withdraw")),))
    at = showing.local(max(ends), wiring.zone)
    raise BadInput(what=what, faults=(say(N_("it was withdrawn already, on {at}"), at=at),))
