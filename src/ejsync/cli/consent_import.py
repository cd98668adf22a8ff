"""`consent import` and `consent template`: families' decisions from a sheet, and an empty sheet to fill in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.cell_faults import told_faults
from ejsync.cli.glossary import day, word
from ejsync.cli.sheet_files import STDOUT, hand_out, take_in
from ejsync.cli.showing import GOOD
from ejsync.domain.consent import Decision
from ejsync.errors import BadInput
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.domain.consent import Consent
    from ejsync.domain.grid import Grid
    from ejsync.pipeline.ledgers import Consents
    from ejsync.pipeline.ports import Wiring
    from ejsync.sheets.written import Head

MOST_NAMED = 10
TEMPLATE_HEADS = ("ученик", "класс", "область", "решение", "кем дано", "документ", "действует с", "действует до")
_FORGOTTEN = N_(
    "this decision on pupil {pupil}, document № {document}, was registered before and is over: the pupil was erased, or"
    " it ended years ago"
)
_SAME = ("pupil", "scope", "decision", "document", "valid_from", "valid_until")


def read_in(wiring: "Wiring", file: Path, *, as_json: bool, sheet: str | None = None, **how: bool) -> None:
    """Parse a sheet, compare it with the register and the roster, register what is new; all or nothing.

    Raises:
        BadInput: a cell cannot be used, a decision was ended since, or with `strict` a pupil is not known.
    """
    from ejsync.domain.consent_sheet import SHEET
    from ejsync.pipeline.registering import register_chosen

    whole, grid = take_in(file, sheet, SHEET)
    consents = _parsed(file, grid, wiring)
    strangers = _strangers(wiring, consents)

    def chosen(register: "Consents") -> "Sequence[Consent]":
        fresh, ended = _compared(wiring, consents, register)
        faults = ([] if how["again"] else [fault for _, fault in ended]) + (strangers if how["strict"] else [])
        if faults:
            raise BadInput(what=str(file), faults=tuple(faults))
        return fresh + [one for one, _ in ended]

    if how["dry_run"]:
        with wiring.store.read(wiring.school) as tx:
            new = chosen(tx.consents)
    else:
        new = register_chosen(wiring, chosen, origin=f"sha256:{sha256(whole).hexdigest()}")
    told = {"ok": True, "registered": not how["dry_run"], **_summary(wiring, consents, new)}
    if as_json:
        unknown = sorted({one.pupil for one in consents} - set(_roster(wiring)))
        showing.document({**told, "unknown_pupils": unknown})
        return
    _show(told, strangers)


def _parsed(file: Path, grid: "Grid", wiring: "Wiring") -> "tuple[Consent, ...]":
    from ejsync.domain.consent_sheet import parse

    sheet = parse(grid, wiring.clock.now())
    if sheet.faults:
        raise BadInput(what=str(file), faults=told_faults(sheet.faults))
    return sheet.consents


def _compared(
    wiring: "Wiring", consents: "Sequence[Consent]", register: "Consents"
) -> "tuple[list[Consent], list[tuple[Consent, str]]]":
    """Part a sheet into what is new and what was ended since it was registered; what stands already is left out.

    An old sheet read in once more must never revive a consent that a family has withdrawn, nor bring back a pupil who
    was erased.
    """
    fresh: list[Consent] = []
    ended: list[tuple[Consent, str]] = []
    decided = register.of({one.pupil for one in consents})
    for one, was_registered in zip(consents, register.were_registered(consents), strict=True):
        mine = sorted(decided.get(one.pupil, ()), key=lambda other: (other.registered_at, other.number))
        mine = [other for other in mine if other.scope is one.scope]
        twins = [other for other in mine if _same(one, other)]
        if not twins and was_registered and one.decision is Decision.GRANTED:
            ended.append((one, say(_FORGOTTEN, pupil=one.pupil, document=one.document)))
        elif not twins:
            fresh.append(one)
        elif twins[-1].withdrawn_at is not None or twins[-1] is not mine[-1]:
            ended.append((one, _ended(wiring, twins[-1], mine[-1])))
    return fresh, ended


def _same(one: "Consent", other: "Consent") -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAME)


def _ended(wiring: "Wiring", twin: "Consent", latest: "Consent") -> str:
    """Name pupil, date and document: what an operator looks up in the file of families' letters."""
    if twin.withdrawn_at is not None:
        at = day(twin.withdrawn_at.astimezone(wiring.zone).date())
        sentence = N_("consent of pupil {pupil} was withdrawn on {day}; document № {document} is the same")
    else:
        at = day(latest.registered_at.astimezone(wiring.zone).date())
        sentence = N_("the decision on pupil {pupil} was replaced on {day}; document № {document} is the older one")
    return say(sentence, pupil=twin.pupil, day=at, document=twin.document)


def _roster(wiring: "Wiring") -> dict[str, str | None]:
    with wiring.store.read(wiring.school) as tx:
        return dict(tx.records.roster().class_of())


def _strangers(wiring: "Wiring", consents: "Sequence[Consent]") -> list[str]:
    """Say which pupils the journal does not know: a few by name, the others by number."""
    known = _roster(wiring)
    if not known:
        return [unread()]
    found = sorted({one.pupil for one in consents} - set(known))
    told = [say(N_("the journal, as last read, has no pupil {pupil}"), pupil=pupil) for pupil in found[:MOST_NAMED]]
    more = len(found) - MOST_NAMED
    return told + ([say_count("and {count} more", "and {count} more", more)] if more > 0 else [])


def unread() -> str:
    """Say what to do first."""
    return say(N_("the journal has not been read yet; first: ejsync sync --feed roster"))


def _summary(wiring: "Wiring", consents: "Sequence[Consent]", new: "Sequence[Consent]") -> dict[str, Any]:
    today = wiring.clock.now().astimezone(wiring.zone).date()
    later = Counter(one.valid_from for one in new if one.valid_from > today)
    expired = sum(one.valid_until is not None and one.valid_until < today for one in new)
    return {
        "decisions": len(consents),
        "new": len(new),
        "already_known": len(consents) - len(new),
        "in_effect_now": len(new) - later.total() - expired,
        "later": {first.isoformat(): count for first, count in sorted(later.items())},
        "expired": expired,
        "counts": dict(Counter(f"{one.scope.value}.{one.decision.value}" for one in new)),
    }


def _show(told: dict[str, Any], strangers: list[str]) -> None:
    rows = [[*map(word, name.split(".")), count] for name, count in sorted(told["counts"].items())]
    if rows:
        showing.table([say(N_("Scope")), say(N_("Decision")), say(N_("Count"))], rows)
    for text in strangers:
        showing.note(text)
    for text in _lines(told):
        showing.line(text)
    if not told["registered"]:
        showing.line(say(N_("The file is well. Nothing was registered.")), GOOD)
    elif told["new"]:
        registered = say_count("Registered: {count} decision.", "Registered: {count} decisions.", told["new"])
        showing.line(registered, GOOD)
    else:
        showing.line(say(N_("Every decision of the file is registered already; nothing was changed.")), GOOD)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    """Say what of it holds today, what will and what does no more."""
    if told["already_known"]:
        yield say_count("already known: {count}", "already known: {count}", told["already_known"])
    if told["in_effect_now"]:
        yield say_count("valid today: {count}", "valid today: {count}", told["in_effect_now"])
    for first, count in told["later"].items():
        when = day(date.fromisoformat(first))
        yield say_count("not yet, from {day} on: {count}", "not yet, from {day} on: {count}", count, day=when)
    if told["expired"]:
        yield say_count("expired already: {count}", "expired already: {count}", told["expired"])


def write_template(wiring: "Wiring", path: Path, *, force: bool) -> None:
    """Write a sheet with a row for each pupil that the journal knows; his decision is left to fill in.

    Raises:
        BadInput: the journal has not been read yet, or the file cannot be written.
    """
    from ejsync.domain.consent_sheet import SHEET
    from ejsync.sheets.written import Leaf

    known = _roster(wiring)
    if not known:
        raise BadInput(what=str(path), faults=(unread(),))
    heads, empty = _heads(), (None,) * (len(TEMPLATE_HEADS) - 2)
    ordered = sorted(known.items(), key=lambda entry: (class_order(entry[1]), entry[0]))
    leaf = Leaf(SHEET, heads, [(pupil, form, *empty) for pupil, form in ordered])
    hand_out(path, leaf, force=force)
    if str(path) != STDOUT:
        count = len(known)
        showing.line(say_count("{count} pupil written to {path}", "{count} pupils written to {path}", count, path=path))


def _heads() -> "list[Head]":
    """Return the heads of the template; in XLSX Excel offers the words that may stand below them."""
    from ejsync.domain.consent_sheet import DECISIONS, GIVERS, SCOPES
    from ejsync.sheets.written import Head

    words = {"область": tuple(SCOPES), "решение": tuple(DECISIONS), "кем дано": tuple(GIVERS)}
    return [Head(title, choices=words.get(title, ()), days=title.startswith("действует")) for title in TEMPLATE_HEADS]


def class_order(form: str | None) -> tuple[int, str]:
    """Put 2А before 10А."""
    name = form or ""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return int(digits or 0), name
