"""`sandbox`: a simulated ElJur and a simulated diary on this machine, to rehearse with."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from ejsync.cli import showing
from ejsync.cli.files import put_parts
from ejsync.cli.speaking import Verbs, option
from ejsync.sandbox.quirks import ALL, QUIRKS, UnknownQuirkError, chosen
from ejsync.wording import N_, say

_DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])


def _quirks(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """Understand a list of quirks with commas.

    Raises:
        click.BadParameter: there is no such quirk.
    """
    try:
        return chosen(name.strip() for name in value.split(",") if name.strip())
    except UnknownQuirkError:
        known = ", ".join([*QUIRKS, ALL])
        raise click.BadParameter(say(N_("There is no such quirk. Known are: {known}."), known=known)) from None


group = Verbs(
    "sandbox",
    help=N_("Simulated services for rehearsals. Each prints its address and credentials as one JSON line."),
    examples=(
        "ejsync sandbox journal --port 8801",
        "ejsync sandbox diary --port 8802",
        "ejsync sandbox office --out office",
    ),
)


@group.command(
    "journal",
    help=N_("Serve a simulated ElJur over an invented school, until Ctrl-C."),
    examples=(
        "ejsync sandbox journal --port 8801",
        "ejsync sandbox journal --pupils 1000 --seed 7",
        "ejsync sandbox journal --quirks php_empty,scalar_drift",
    ),
)
@option("--host", metavar=N_("ADDRESS"), default="127.0.0.1", show_default=True, help=N_("Address to listen on."))
@option("--port", type=click.IntRange(0, 65535), default=0, metavar=N_("NUMBER"), help=N_("Port; 0 takes a free one."))
@option(
    "--pupils", type=click.IntRange(1, 20_000), default=300, show_default=True, metavar=N_("NUMBER"),
    help=N_("How many pupils the school has."),
)  # fmt: skip
@option(
    "--seed", type=int, default=1, show_default=True, metavar=N_("NUMBER"), help=N_("The same seed, the same school.")
)
@option("--today", type=_DAY, metavar=N_("DAY"), help=N_("The school's today; by default this machine's."))
@option(
    "--density", type=click.FloatRange(0, 20), default=1.0, show_default=True, metavar=N_("NUMBER"),
    help=N_("How many marks there are: 1 is usual."),
)  # fmt: skip
@option(
    "--quirks", default="", callback=_quirks, metavar=N_("NAMES"),
    help=N_(
        "ElJur's oddities that answers show, with commas between: duplicate_rows, same_person_twice, yo, stray_spaces, "
        "scalar_drift, ambigious, mtype, no_patronymic, ambiguous_periods, day_spellings, integer_ids, empty_answers, "
        "unknown_keys, students_list, lists_and_objects, php_empty, or all."
    ),
)  # fmt: skip
@option(
    "--rights", type=click.Choice(["full", "partial"]), default="full", show_default=True,
    help=N_("Whether the accounts together see the whole school or only part of it."),
)  # fmt: skip
@option("--many-schools", is_flag=True, help=N_("Play a host of many schools, which wants its cookie back."))
def journal(**options: object) -> None:
    """Invent the school and serve it."""
    from ejsync.sandbox.journal import run_journal

    today: Any = options.pop("today")
    run_journal(today=_date(today), **options)  # type: ignore[arg-type]  # click has checked every value


@group.command(
    "diary",
    help=N_("Serve a simulated diary that checks each item against the contracts, until Ctrl-C."),
    examples=("ejsync sandbox diary --port 8802 --database diary.db",),
)
@option("--host", metavar=N_("ADDRESS"), default="127.0.0.1", show_default=True, help=N_("Address to listen on."))
@option("--port", type=click.IntRange(0, 65535), default=0, metavar=N_("NUMBER"), help=N_("Port; 0 takes a free one."))
@option(
    "--database", type=click.Path(dir_okay=False, path_type=Path), default=Path("sandbox-diary.db"),
    metavar=N_("PATH"), show_default=True, help=N_("Where the diary keeps what it is sent."),
)  # fmt: skip
@option("--seed", type=int, default=0, show_default=True, metavar=N_("NUMBER"), help=N_("Decides the credentials."))
def diary(*, host: str, port: int, database: Path, seed: int) -> None:
    """Serve the diary."""
    from ejsync.sandbox.diary import run_diary

    run_diary(host=host, port=port, database=database, seed=seed)


@group.command(
    "office",
    help=N_("Write the sheets of an invented school's office: contacts, curriculum, deferrals, recommendations."),
    examples=(
        "ejsync sandbox office --out office",
        "ejsync sandbox office --pupils 1000 --seed 7 --out office --force",
    ),
)
@option(
    "--pupils", type=click.IntRange(1, 20_000), default=300, show_default=True, metavar=N_("NUMBER"),
    help=N_("How many pupils the school has."),
)  # fmt: skip
@option(
    "--seed", type=int, default=1, show_default=True, metavar=N_("NUMBER"), help=N_("The same seed, the same school.")
)
@option("--today", type=_DAY, metavar=N_("DAY"), help=N_("The school's today; by default this machine's."))
@option(
    "--out", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, metavar=N_("FOLDER"),
    help=N_("Where the sheets are written; it is made if it is not there."),
)  # fmt: skip
@option("--force", is_flag=True, help=N_("Write over files that are there already."))
def office(*, pupils: int, seed: int, today: datetime | None, folder: Path, force: bool) -> None:
    """Invent the school that `sandbox journal` serves for the same numbers, and write what its office keeps."""
    import orjson

    from ejsync.sandbox.invented_office import invent_office, office_files
    from ejsync.sandbox.journal_state import journal_state
    from ejsync.sandbox.rollbook import invent_rollbook

    book = invent_rollbook(pupils=pupils, seed=seed, today=_date(today))
    journal = orjson.loads(orjson.dumps(journal_state(book)))
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in office_files(invent_office(journal, seed=seed)).items():
        put_parts(folder / f"{kind}.xlsx", [content], force=force)
        showing.line(str(folder / f"{kind}.xlsx"))


def _date(today: datetime | None) -> date:
    return today.date() if today else datetime.now().astimezone().date()
