"""`privacy`: what a family, a data-protection officer or a prosecutor asks about one pupil; and his erasure."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.consent_verbs import one_school
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.erasing import Wanted, carry_on, order_of, show_earlier, show_outcome, show_plan
from ejsync.cli.glossary import pupil_id
from ejsync.cli.speaking import Verbs, argument, as_json, confirm, confirmed, of_school, option
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring

group = Verbs(
    "privacy",
    help=N_("Answer what is held of a pupil and what left, hand it out, or destroy it."),
    examples=(
        "ejsync privacy report 1234 --out report.pdf",
        "ejsync privacy export 1234 --to pupil.zip",
        "ejsync privacy erase 1234 --reason 'отзыв согласия' --document '14 от 23.11.2026'",
    ),
)


@group.command(
    "report",
    help=N_(
        "Say what is held of a pupil, what left, when, to whom and on what ground, what was withheld and what was put"
        " on paper: the answer to a family's request (152-FZ, article 14). With --out as PDF/A, in Russian."
    ),
    examples=("ejsync privacy report 1234", "ejsync privacy report 1234 --out report.pdf"),
)
@argument("pupil", metavar=N_("PUPIL"))
@option("--out", metavar=N_("FILE"), type=click.Path(dir_okay=False, path_type=Path), help=N_("Write a PDF/A file."))
@option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
@of_school
@as_json
@pass_desk
def report(desk: Desk, /, *, pupil: str, school: str | None, out: Path | None, force: bool, as_json: bool) -> None:
    """Gather, show, and write the paper if it is wanted."""
    from ejsync.cli.privacy_report import show_report, write_report
    from ejsync.cli.privacy_told import told_of

    with desk.exchange() as exchange:
        wiring = one_school(exchange, school)
        told = told_of(exchange, wiring, pupil_id(pupil))
        if out is not None:
            write_report(exchange, wiring, told, out, force=force)
    if as_json:
        showing.document({**told, "written": out})
        return
    show_report(told, wiring.zone)
    if out is not None:
        showing.line(say(N_("Written: {path}"), path=out))


@group.command(
    "export",
    help=N_(
        "Write all that is held of a pupil into a ZIP file, as JSON by kind, with a page that explains it. Only its"
        " owner may read it; a file that is there is never overwritten."
    ),
    examples=("ejsync privacy export 1234 --to pupil.zip",),
)
@argument("pupil", metavar=N_("PUPIL"))
@option(
    "--to", "target", metavar=N_("FILE"), required=True, type=click.Path(dir_okay=False, path_type=Path),
    help=N_("The ZIP file to be written."),
)  # fmt: skip
@of_school
@pass_desk
def export(desk: Desk, *, pupil: str, target: Path, school: str | None) -> None:
    """Gather and write the bundle, and witness it."""
    from ejsync.cli.privacy_export import write_bundle

    with desk.exchange() as exchange:
        count = write_bundle(exchange, one_school(exchange, school), pupil_id(pupil), target)
    showing.line(say(N_("Written: {path}, records: {count}. It holds personal data."), path=target, count=count))


@group.command(
    "erase",
    help=N_(
        "Destroy all that is held of a pupil, here, in backups and at the diaries, and write the act of destruction. A"
        " plan with counts comes first. Whatever interrupts it, the working ejsync or the same command goes on."
    ),
    examples=(
        "ejsync privacy erase 1234 --reason 'отзыв согласия' --dry-run",
        "ejsync privacy erase 1234 --reason 'отзыв согласия' --document '14 от 23.11.2026' --by 'директор' --yes",
    ),
)
@argument("pupil", metavar=N_("PUPIL"))
@option("--reason", metavar=N_("TEXT"), required=True, help=N_("Why, in Russian: it stands in the act."))
@option("--document", metavar=N_("TEXT"), default="", help=N_("The paper it rests on: number and date."))
@option("--by", metavar=N_("TEXT"), default="", help=N_("Who ordered it."))
@option(
    "--without", multiple=True, metavar=N_("SINK"),
    help=N_("Do not wait for this diary: you tell it by other means, and the act says so; may be repeated."),
)  # fmt: skip
@option("--dry-run", is_flag=True, help=N_("Show the plan only."))
@confirmed
@of_school
@as_json
@pass_desk
def erase(desk: Desk, /, *, pupil: str, school: str | None, yes: bool, as_json: bool, **how: Any) -> int | None:
    """Plan, ask, begin, and go as far as can be gone."""
    from ejsync.pipeline.erase import begin, leave_out
    from ejsync.pipeline.ordering import finished
    from ejsync.store.old_files import acts_of

    _require_texts(*(how[name] for name in ("reason", "document", "by")))
    wanted = Wanted(pupil_id(pupil), dry_run=how.pop("dry_run"), as_json=as_json, **how)
    with desk.exchange() as exchange:
        wiring = one_school(exchange, school)
        if (earlier := finished(wiring, wanted.pupil)) is not None:
            return show_earlier(wiring, earlier, acts_of(exchange.store.path), as_json=as_json)
        _plan(exchange, wiring, wanted)
        if wanted.dry_run:
            return None
        if not confirm(say(N_("Destroy all that is held of pupil {pupil}?"), pupil=pupil), yes=yes):
            showing.note(say(N_("Nothing was done.")))
            return None
        number = begin(wiring, order_of(wanted)).number
        leave_out(wiring, number, wanted.without)
    done, acts = carry_on(desk, wiring.school, number)
    return show_outcome(wiring, done, acts, as_json=as_json)


def _require_texts(*texts: str) -> None:
    """What a terminal of another encoding sent could not be written into the act."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise click.UsageError(say(N_("What was typed is no UTF-8; set the terminal to UTF-8."))) from None


def _plan(exchange: "Exchange", wiring: "Wiring", wanted: Wanted) -> None:
    from ejsync.pipeline.ordering import extent

    with exchange.store.read(wiring.school) as tx:
        found = extent(wiring, tx, wanted.pupil)
    if not wanted.as_json or wanted.dry_run:
        show_plan(wiring, found, as_json=wanted.as_json)
