"""`import`: what the school's office holds and ElJur does not: sheets taken in, looked at, taken back."""

from pathlib import Path
from typing import Any

import click

from ejsync.cli import showing
from ejsync.cli.consent_verbs import one_school
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.speaking import Verbs, argument, as_json, confirmed, of_school, option
from ejsync.wording import N_

HELP = {
    "contact": N_("Take in where families want their extracts: whose contact, way, address or number, agreed form."),
    "curriculum": N_("Take in how many lessons are planned for each class, subject and period."),
    "deferral": N_("Take in whose results are put off or not given at all; a sheet with reasons is refused."),
    "recommendation": N_("Take in what teachers recommend to pupils and classes."),
}
"""The kinds of sheets, and what the help says of each."""

group = Verbs(
    "import",
    help=N_("Take in sheets of the school's office, XLSX or CSV: with a preview, all or nothing, and undoable."),
    examples=(
        "ejsync import template contact contacts.xlsx",
        "ejsync import contact contacts.xlsx --dry-run",
        "ejsync import list",
        "ejsync import undo 3",
    ),
)


def _verb(kind: str) -> None:
    """Give the group the verb that takes in one kind."""

    @group.command(
        kind,
        help=HELP[kind],
        examples=(f"ejsync import {kind} FILE.xlsx --dry-run", f"ejsync import {kind} FILE.csv --yes"),
    )
    @argument("file", metavar=N_("FILE"), type=click.Path(dir_okay=False, path_type=Path))
    @option("--sheet", metavar=N_("NAME"), help=N_("The sheet of the file that is meant, if several hold something."))
    @option("--dry-run", is_flag=True, help=N_("Show the preview and take in nothing."))
    @_limited
    @confirmed
    @of_school
    @as_json
    @pass_desk
    def take_in(desk: Desk, /, *, file: Path, school: str | None, **how: Any) -> None:
        """Compare with the journal and with what is live, show it, ask, take in."""
        from ejsync.cli.import_sheet import read_in

        with desk.exchange() as exchange:
            read_in(one_school(exchange, school), kind, file, **how)


def _limited(command: Any) -> Any:
    return option(
        "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help=N_("How many rows to show.")
    )(command)


for _kind in HELP:
    _verb(_kind)


@group.command(
    "template",
    help=N_(
        "Write an empty sheet of a kind, XLSX or CSV by the name of the file. Where rows are about pupils each has one,"
        " with number and class; rows that are not filled in are passed over. ejsync hands no name to a file."
    ),
    examples=("ejsync import template contact contacts.xlsx", "ejsync import template curriculum plan.csv --force"),
)
@argument("kind", metavar=N_("KIND"), type=click.Choice(("consent", *HELP)))
@argument("path", metavar=N_("FILE"), type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
@of_school
@pass_desk
def template(desk: Desk, *, kind: str, path: Path, force: bool, school: str | None) -> None:
    """Write the sheet."""
    from ejsync.cli import consent_import, import_template

    with desk.exchange() as exchange:
        wiring = one_school(exchange, school)
        if kind == "consent":
            consent_import.write_template(wiring, path, force=force)
        else:
            import_template.write_template(wiring, kind, path, force=force)


@group.command("list", help=N_("List what was taken in, newest first."), examples=("ejsync import list --json",))
@of_school
@as_json
@pass_desk
def show_list(desk: Desk, *, school: str | None, as_json: bool) -> None:
    """Print the imports of each school."""
    from ejsync.cli.import_register import listed, table_of_imports

    with desk.exchange() as exchange:
        found = [row for wiring in exchange.school(school) for row in listed(wiring)]
    if as_json:
        showing.document({"imports": [told for told, _ in found]})
    else:
        table_of_imports(found)


@group.command(
    "show",
    help=N_("Show one import and which of its rows are live."),
    examples=("ejsync import show 3", "ejsync import show 3 --json"),
)
@argument("number", metavar=N_("NUMBER"), type=int)
@_limited
@of_school
@as_json
@pass_desk
def show(desk: Desk, *, number: int, school: str | None, limit: int, as_json: bool) -> None:
    """Print an import with its rows."""
    from ejsync.cli.import_register import show_import

    with desk.exchange() as exchange:
        show_import(one_school(exchange, school), number, limit=limit, as_json=as_json)


@group.command(
    "undo",
    help=N_("Undo an import: what was live before it is live again; what a later import holds stays."),
    examples=("ejsync import undo 3", "ejsync import undo 3 --yes"),
)
@argument("number", metavar=N_("NUMBER"), type=int)
@confirmed
@of_school
@as_json
@pass_desk
def undo(desk: Desk, *, number: int, yes: bool, school: str | None, as_json: bool) -> None:
    """Say what would end and what would come back, ask, undo."""
    from ejsync.cli.import_register import undo_import

    with desk.exchange() as exchange:
        undo_import(one_school(exchange, school), number, yes=yes, as_json=as_json)
