"""`report`: what a class did, may expect and was given, as a table, CSV, XLSX or PDF."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.consent_verbs import one_school
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.files import put_parts
from ejsync.cli.sheet_files import STDOUT, hand_out
from ejsync.cli.speaking import Verbs, as_json, of_school, option
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Wiring
    from ejsync.reports.class_records import Archive
    from ejsync.reports.reporting import Maker, Report

FORMS = ("table", "csv", "xlsx", "pdf")
HELP = {
    "statistics": N_("Lessons against the curriculum, types of work, distribution of marks, quality and progress."),
    "forecast": N_("What each pupil may expect in each subject, and which marks would change it."),
    "summary": N_("The summary sheet of final marks: complete, or saying who is missing what."),
}

group = Verbs(
    "report",
    help=N_("Report on a class and a period: statistics, forecast, summary sheet."),
    examples=(
        "ejsync report statistics --class 10А",
        "ejsync report forecast --class 10А --out forecast.xlsx",
        "ejsync report summary --class 10А --period p2 --out summary.pdf",
    ),
)


def _verb(kind: str) -> None:
    """Give the group the verb of one report."""

    @group.command(
        kind,
        help=HELP[kind],
        examples=(f"ejsync report {kind} --class 10А", f"ejsync report {kind} --class 10А --out {kind}.pdf"),
    )
    @option("--class", "of_class", metavar=N_("NAME"), required=True, help=N_("The class, as ElJur spells it."))
    @option("--period", metavar=N_("PERIOD"), help=N_("A period by its id or title; the current one by default."))
    @option("--format", "form", type=click.Choice(FORMS), help=N_("The form; by default that of the file, or a table."))
    @option(
        "--out", metavar=N_("FILE"), type=click.Path(dir_okay=False, path_type=Path),
        help=N_("The file to write: .csv, .xlsx or .pdf. Only its owner may read it."),
    )  # fmt: skip
    @option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
    @of_school
    @as_json
    @pass_desk
    def report(desk: Desk, /, *, of_class: str, period: str | None, school: str | None, **how: Any) -> None:
        """Read the class, make the report, hand it out."""
        form = wanted_form(how["form"], how["out"])
        with desk.exchange() as exchange:
            made = _makers()[kind](archive(exchange, one_school(exchange, school)).read(of_class, period))
        if how["out"]:
            _write(kind, made, form, how["out"], force=how["force"])
        if how["as_json"]:
            showing.document({**made.data, "written": how["out"]})
        elif how["out"]:
            showing.line(say(N_("Written: {path}"), path=how["out"]))
        elif form == "csv":
            hand_out(Path(STDOUT), made.leaves[0], force=False)
        else:
            _show(made)


for _kind in HELP:
    _verb(_kind)


def _makers() -> "dict[str, Maker]":
    from ejsync.reports.forecast_report import forecast_report
    from ejsync.reports.statistics_report import statistics_report
    from ejsync.reports.summary_report import summary_report

    return {"statistics": statistics_report, "forecast": forecast_report, "summary": summary_report}


def archive(exchange: "Exchange", wiring: "Wiring") -> "Archive":
    """Return the records of a school under its title."""
    from ejsync.reports.class_records import Archive

    title = next(school.title for school in exchange.settings.schools if school.name == wiring.school)
    return Archive(wiring, title)


def wanted_form(form: str | None, out: Path | None) -> str:
    """Return the form that is meant.

    Raises:
        click.UsageError: form and file do not fit each other, or a form wants a file and none is named.
    """
    ending = out.suffix.casefold().lstrip(".") if out else ""
    if out and ending not in FORMS[1:]:
        raise click.UsageError(say(N_("--out wants a file that ends in .csv, .xlsx or .pdf.")))
    if out and form and form != ending:
        words = N_("--format {form} does not fit a file that ends in .{ending}.")
        raise click.UsageError(say(words, form=form, ending=ending))
    if not out and form in {"xlsx", "pdf"}:
        raise click.UsageError(say(N_("--format {form} wants a file: --out FILE.{form}"), form=form))
    return form or ending or "table"


def _write(kind: str, made: "Report", form: str, out: Path, *, force: bool) -> None:
    if form != "pdf":
        hand_out(out, *made.leaves, force=force)
        return
    from ejsync.reports.paper import Press

    put_parts(out, [Press(kind).pdf(made.page, made.day).content], force=force)


def _show(made: "Report") -> None:
    showing.line(made.title, showing.LOUD)
    for note in made.notes:
        showing.line(note)
    for screen in made.screens:
        if screen.rows:
            showing.line()
            showing.table(screen.heads, screen.rows, folding=screen.folding)
    showing.line()
    for key in made.keys:
        showing.line(key)
