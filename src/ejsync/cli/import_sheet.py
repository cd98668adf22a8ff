"""Taking in a sheet of the school's office: preview, question, import."""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.cell_faults import told_faults
from ejsync.cli.consent_import import unread
from ejsync.cli.office_words import TITLES, described, heads_of, office_word
from ejsync.cli.sheet_files import take_in
from ejsync.cli.showing import GOOD, QUIET, WARNING
from ejsync.cli.speaking import confirm
from ejsync.errors import BadInput
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ejsync.domain.office import Entry
    from ejsync.domain.office_people import School
    from ejsync.domain.office_sheets import OfficeSheet
    from ejsync.pipeline.ports import Wiring

STYLES = {"new": GOOD, "changed": WARNING, "same": QUIET}


@dataclass(frozen=True, slots=True)
class Preview:
    """A sheet compared with what is live: each entry with its standing and the fields that differ."""

    sheet: "OfficeSheet"
    school: "School"
    rows: "tuple[tuple[Entry, str, tuple[str, ...]], ...]"

    def counts(self) -> Counter[str]:
        """Count the rows by standing."""
        return Counter(standing for _, standing, _ in self.rows)

    def moved(self) -> "list[tuple[Entry, str, tuple[str, ...]]]":
        """Return the rows that are new or changed."""
        return [row for row in self.rows if row[1] != "same"]


def read_in(wiring: "Wiring", kind: str, file: Path, *, sheet: str | None, yes: bool, **how: Any) -> None:
    """Compare a sheet with the journal and with what is live, show it, ask, take it in; all or nothing.

    Raises:
        BadInput: a cell cannot be used; every bad one is named.
    """
    from ejsync.domain.office import OfficeKind
    from ejsync.pipeline.filing import file_in

    preview, origin = previewed(wiring, OfficeKind(kind), file, sheet)
    if not how["as_json"]:
        _show(preview, how["limit"])
    wanted = bool(preview.moved()) and not how["dry_run"]
    agreed = wanted and confirm(say(N_("Take this in?")), yes=yes)
    made = file_in(wiring, OfficeKind(kind), preview.sheet.entries, origin=origin) if agreed else None
    number = made.number if made else None
    if how["as_json"]:
        showing.document({"ok": True, "imported": number is not None, "number": number, **_told(preview)})
    elif number is not None:
        showing.line(
            say(N_("Taken in as import No. {number}; to undo it: ejsync import undo {number}"), number=number), GOOD
        )
    else:
        _say_why(preview, dry_run=how["dry_run"])


def previewed(wiring: "Wiring", kind: Any, file: Path, sheet: str | None) -> tuple[Preview, str]:
    """Return the preview of a sheet and where it comes from: the digest of its file.

    Raises:
        BadInput: the journal was not read yet, or cells cannot be used.
    """
    from ejsync.domain.office import by_key, differing, standing
    from ejsync.domain.office_sheets import parse
    from ejsync.pipeline.filing import school_of

    whole, grid = take_in(file, sheet, TITLES[kind.value])
    with wiring.store.read(wiring.school) as tx:
        school = school_of(wiring, tx)
        if not school.classes:
            raise BadInput(what=str(file), faults=(unread(),))
        found = parse(kind, grid, school)
        live = by_key(tx.office.live(kind))
    if found.faults:
        raise BadInput(what=str(file), faults=told_faults(found.faults))
    rows = []
    for entry in found.entries:
        stands = standing(entry, live).value
        fields = differing(live[entry.key], entry.payload) if stands == "changed" else ()
        rows.append((entry, stands, fields))
    return Preview(found, school, tuple(rows)), f"sha256:{sha256(whole).hexdigest()}"


def _told(preview: Preview) -> dict[str, Any]:
    from ejsync.domain.grid import letters

    counts, sheet = preview.counts(), preview.sheet
    return {
        "kind": sheet.kind.value,
        "rows": len(preview.rows),
        "counts": {name: counts[name] for name in STYLES},
        "unfilled": sheet.unfilled,
        "columns_passed_over": [letters(place) for place in sheet.passed_over],
        "hidden_sheets": sheet.hidden,
        "entries": [_entry(preview, *row) for row in preview.moved()],
    }


def _entry(preview: Preview, entry: "Entry", stands: str, fields: tuple[str, ...]) -> dict[str, Any]:
    whose = {"key": entry.key, "pupil": entry.pupil, "class": _class(preview, entry)}
    return {"row": entry.row, "standing": stands, **whose, "changed": list(fields)}


def _class(preview: Preview, entry: "Entry") -> str | None:
    return preview.school.people[entry.pupil].school_class if entry.pupil else entry.school_class


def _show(preview: Preview, limit: int) -> None:
    """Show what is new or changed, then how much of each, then what was passed over."""
    moved = preview.moved()
    if moved:
        heads = (N_("Row"), N_("State"), N_("Pupil"), N_("Name"), N_("Class"), N_("What"))
        showing.table([say(head) for head in heads], [_row(preview, *row) for row in moved[:limit]])
    if len(moved) > limit:
        showing.line(say_count("… {count} more: --limit", "… {count} more: --limit", len(moved) - limit))
    counts = preview.counts()
    showing.line(showing.pairs({office_word(name): counts[name] for name in STYLES}))
    for text in _notes(preview.sheet):
        showing.note(text)


def _row(preview: Preview, entry: "Entry", stands: str, fields: tuple[str, ...]) -> list[showing.Cell]:
    person = preview.school.people.get(entry.pupil or "")
    what = described(entry.kind.value, entry.payload)
    if fields:
        heads = ", ".join(heads_of(entry.kind.value, fields))
        what = say(N_("{what}; differs: {heads}"), what=what, heads=heads)
    name = person.called() if person else None
    return [entry.row, (office_word(stands), STYLES[stands]), entry.pupil, name, _class(preview, entry), what]


def _notes(sheet: "OfficeSheet") -> "Sequence[str]":
    from ejsync.domain.grid import letters

    told = []
    if sheet.passed_over:
        names = ", ".join(map(letters, sheet.passed_over))
        told.append(say(N_("columns that no import knows were passed over: {names}"), names=names))
    if sheet.unfilled:
        told.append(say_count("not filled in: {count} row", "not filled in: {count} rows", sheet.unfilled))
    if sheet.hidden:
        told.append(
            say_count("hidden sheets are not read: {count}", "hidden sheets are not read: {count}", sheet.hidden)
        )
    return told


def _say_why(preview: Preview, *, dry_run: bool) -> None:
    """Say why nothing was taken in."""
    if not preview.moved():
        showing.line(say(N_("Everything of the file is live already; nothing was changed.")), GOOD)
    elif dry_run:
        showing.line(say(N_("The file is well. Nothing was taken in.")), GOOD)
    else:
        showing.note(say(N_("Nothing was done.")))
