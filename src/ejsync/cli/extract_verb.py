"""`extract`: what a family gets on paper, a PDF for each pupil or one for a class."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.bars import Bars
from ejsync.cli.consent_verbs import one_school
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.files import in_words, put_parts
from ejsync.cli.glossary import pupil_id
from ejsync.cli.report_verbs import archive
from ejsync.cli.speaking import Verb, as_json, of_school, option
from ejsync.errors import BadInput, NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ejsync.pipeline.ports import Wiring
    from ejsync.reports.class_records import Archive, ClassRecords, Person
    from ejsync.reports.extracting import Document

    Chosen = list[tuple[ClassRecords, list[Person]]]

_PDF = ".pdf"
_OWNER_ONLY = 0o700


@click.command(
    "extract",
    cls=Verb,
    help=N_(
        "Write extracts for families as PDF/A: marks, absences, final marks, forecast, homework and control works"
        " ahead, recommendations, room for signatures. Consent does not matter: paper is what families without it get."
        " Every extract is noted in the audit log, under pseudonyms."
    ),
    examples=(
        "ejsync extract --pupil 1001 --out extract.pdf",
        "ejsync extract --class 10А --period p2 --out 10a.pdf",
        "ejsync extract --class 10А --out extracts",
    ),
)
@option("--pupil", metavar=N_("ID"), help=N_("One pupil, by the number that ElJur gives him."))
@option("--class", "of_class", metavar=N_("NAME"), help=N_("A class; without it and --pupil, the whole school."))
@option("--period", metavar=N_("PERIOD"), help=N_("A period by its id or title; the current one by default."))
@option(
    "--out", metavar=N_("PATH"), required=True, type=click.Path(path_type=Path),
    help=N_("FILE.pdf: one document; a folder: one file for each pupil, named by number. Only its owner may read it."),
)  # fmt: skip
@option("--force", is_flag=True, help=N_("Overwrite files that are there."))
@of_school
@as_json
@pass_desk
def extract(desk: Desk, /, *, school: str | None, out: Path, force: bool, as_json: bool, **whom: Any) -> None:
    """Read the classes, set the pages, write and witness each file."""
    _check(out, **whom)
    with desk.exchange() as exchange:
        wiring = one_school(exchange, school)
        chosen = _chosen(archive(exchange, wiring), **whom)
        written = _written(wiring, chosen, out, force=force)
    if as_json:
        showing.document({"files": written})
        return
    pupils, pages = (sum(one[name] for one in written) for name in ("pupils", "pages"))
    told = say_count("{count} extract written", "{count} extracts written", pupils)
    showing.line(say(N_("{extracts}: {pages} pages in {path}"), extracts=told, pages=pages, path=out))


def _check(out: Path, *, pupil: str | None, of_class: str | None, **_period: Any) -> None:
    """Refuse what cannot be meant.

    Raises:
        click.UsageError: a pupil and a class together; one file for a whole school; a pupil named by no number.
    """
    if pupil is not None:
        pupil_id(pupil)
    if pupil is not None and of_class is not None:
        raise click.UsageError(say(N_("Say --pupil or --class, not both.")))
    if pupil is None and of_class is None and out.suffix.casefold() == _PDF:
        raise click.UsageError(say(N_("The extracts of a whole school go into a folder: --out FOLDER.")))


def _chosen(archive: "Archive", *, pupil: str | None, of_class: str | None, period: str | None) -> "Chosen":
    """Return the classes and pupils that are meant; of a whole school those classes of which anything is known.

    Raises:
        NotFound: there is no such pupil, class or period, or nothing is known of it.
    """
    if pupil is not None:
        records = archive.read(archive.class_of(pupil), period).needs()
        return [(records, [one for one in records.people if one.pupil == pupil])]
    if of_class is not None:
        records = archive.read(of_class, period).needs()
        return [(records, list(records.people))]
    found = list(_whole_school(archive, period))
    if not found:
        what = say(N_("record of any class for the period"))
        raise NotFound(what=what, name=period or "-", listing=say(N_("another --period, or first: ejsync sync")))
    return found


def _whole_school(archive: "Archive", period: str | None) -> "Iterator[tuple[ClassRecords, list[Person]]]":
    for name in archive.class_names():
        try:
            records = archive.read(name, period).needs()
        except NotFound as error:
            showing.note(say(N_("{name} is left out: {why}"), name=name, why=error.sentence()))
        else:
            yield records, list(records.people)


def _written(wiring: "Wiring", chosen: "Chosen", out: Path, *, force: bool) -> list[dict[str, Any]]:
    """Set, write and witness every document; return what was written."""
    from ejsync.reports.extracting import documents
    from ejsync.reports.paper import Press

    together = out.suffix.casefold() == _PDF
    if not together:
        _prepare(out, [person.pupil for _, people in chosen for person in people], force=force)
    press, found = Press("extract"), []
    with Bars() as bars:
        for records, people in chosen:
            step = bars.items(records.name, len(people))
            for document in documents(press, records, people, together=together):
                found.append(_kept(wiring, document, out if together else _path(out, document), force=force))
                step(len(document.people))
    return found


def _path(folder: Path, document: "Document") -> Path:
    return folder / f"{document.people[0].pupil}{_PDF}"


def _prepare(folder: Path, pupils: list[str], *, force: bool) -> None:
    """Make the folder, for its owner only, before anything is set.

    Raises:
        BadInput: it cannot be made, or holds one of the files already and `force` is not given.
    """
    try:
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        there = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise BadInput(what=str(folder), faults=(in_words(error),)) from None
    taken = there & {f"{pupil}{_PDF}" for pupil in pupils}
    if taken and not force:
        raise BadInput(what=str(folder / min(taken)), faults=(say(N_("It is there already; --force overwrites it.")),))


def _kept(wiring: "Wiring", document: "Document", path: Path, *, force: bool) -> dict[str, Any]:
    """Write a document and witness it; what cannot be witnessed does not stay."""
    from ejsync.reports.extracting import witness

    put_parts(path, [document.printed.content], force=force)
    try:
        witness(wiring, document)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    printed = document.printed
    told = {"class": document.records.name, "period": document.records.period["period"]}
    return {"path": path, "pupils": len(document.people), **told, "pages": printed.pages, "sha256": printed.digest}
