"""`import list`, `show`, `undo`: the register of what was taken in."""

from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.office_words import described, office_word
from ejsync.cli.showing import GOOD, QUIET
from ejsync.cli.speaking import confirm
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ejsync.domain.office import OfficeImport
    from ejsync.pipeline.ports import Wiring

Listed = tuple[dict[str, Any], "ZoneInfo"]


def listed(wiring: "Wiring") -> list[Listed]:
    """Return the imports of a school, newest first, each with the zone in which its times are shown."""
    with wiring.store.read(wiring.school) as tx:
        return [(_told(wiring, one), wiring.zone) for one in tx.office.imports()]


def _told(wiring: "Wiring", one: "OfficeImport") -> dict[str, Any]:
    counts = {"new": one.new, "changed": one.changed, "same": one.same}
    head = {"school": wiring.school, "number": one.number, "kind": one.kind.value, "at": one.at, "rows": one.rows}
    return {**head, "counts": counts, "origin": one.origin, "undone_at": one.undone_at}


def table_of_imports(found: list[Listed]) -> None:
    """Print imports."""
    if not found:
        showing.line(say(N_("Nothing was taken in yet.")))
        return
    names = ("new", "changed", "same")
    heads = [N_("No."), N_("Kind"), N_("When"), N_("Rows"), N_("New"), N_("Changed"), N_("Unchanged"), N_("Undone")]
    rows = [
        [one["number"], office_word(one["kind"]), showing.local(one["at"], zone), one["rows"],
         *(one["counts"][name] for name in names), showing.local(one["undone_at"], zone)]
        for one, zone in found
    ]  # fmt: skip
    showing.table([say(head) for head in heads], rows)


def show_import(wiring: "Wiring", number: int, *, limit: int, as_json: bool) -> None:
    """Print one import and its rows.

    Raises:
        NotFound: there is no such import.
    """
    with wiring.store.read(wiring.school) as tx:
        found = tx.office.get(number)
        rows, live = tx.office.rows(number), {row.key for row in tx.office.live(found.kind) if row.number == number}
    told = _told(wiring, found)
    if as_json:
        entries = [
            {"key": row.key, "pupil": row.pupil, "class": row.school_class, "live": row.key in live}
            for row in rows[:limit]
        ]
        showing.document({**told, "entries": entries, "left_out": max(len(rows) - limit, 0)})
        return
    table_of_imports([(told, wiring.zone)])
    showing.line()
    body = [
        [row.pupil, row.school_class, described(row.kind.value, row.payload), _life(live=row.key in live)]
        for row in rows[:limit]
    ]
    showing.table([say(head) for head in (N_("Pupil"), N_("Class"), N_("What"), N_("State"))], body, folding=2)
    if len(rows) > limit:
        showing.line(say_count("… {count} more: --limit", "… {count} more: --limit", len(rows) - limit))


def _life(*, live: bool) -> showing.Cell:
    return (say(N_("live")), GOOD) if live else (say(N_("not live")), QUIET)


def undo_import(wiring: "Wiring", number: int, *, yes: bool, as_json: bool) -> None:
    """Say what would end and what would come back, ask, undo.

    Raises:
        NotFound: there is no such import.
        BadInput: it was undone already.
    """
    from ejsync.pipeline.filing import taken_back, undo

    with wiring.store.read(wiring.school) as tx:
        gone, back = taken_back(tx, number)
    if not as_json:
        showing.line(say_count("{count} row ends", "{count} rows end", len(gone)))
        returning = say_count(
            "{count} row is again what it was before", "{count} rows are again what they were before", len(back)
        )
        showing.line(returning)
    if not confirm(say(N_("Undo import No. {number}?"), number=number), yes=yes):
        showing.note(say(N_("Nothing was done.")))
        return
    undone = undo(wiring, number)
    if as_json:
        showing.document({"ok": True, **_told(wiring, undone), "gone": len(gone), "back": len(back)})
    else:
        showing.line(say(N_("Import No. {number} is undone."), number=number), GOOD)
