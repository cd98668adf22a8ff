"""`sandbox`: a simulated ElJur and a simulated diary on this machine, to rehearse with."""

from datetime import datetime
from pathlib import Path

import click

from ejsync.cli.speaking import Verbs, option
from ejsync.wording import N_

_DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])

group = Verbs(
    "sandbox",
    help=N_("Simulated services for rehearsals. Each prints its address and credentials as one JSON line."),
    examples=("ejsync sandbox journal --port 8801", "ejsync sandbox diary --port 8802"),
)


@group.command(
    "journal",
    help=N_("Serve a simulated ElJur over an invented school, until Ctrl-C."),
    examples=("ejsync sandbox journal --port 8801", "ejsync sandbox journal --pupils 1000 --seed 7"),
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
def journal(**options: object) -> None:
    """Invent the school and serve it."""
    from ejsync.sandbox.journal import run_journal

    today = options.pop("today")
    day = today.date() if isinstance(today, datetime) else datetime.now().astimezone().date()
    run_journal(today=day, **options)  # type: ignore[arg-type]  # click has checked every value


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
