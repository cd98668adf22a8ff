"""The third part of the demo's story: what families are owed beyond the journal, from its office to paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ejsync import sheets
from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_sheets import parse
from ejsync.domain.records import Feed
from ejsync.pipeline.filing import file_in, school_of
from ejsync.pipeline.registering import register, withdraw
from ejsync.reports.class_records import Archive
from ejsync.reports.extract import booklet
from ejsync.reports.paper import STANDARD, Press
from ejsync.sandbox.comparison import between, held_records
from ejsync.sandbox.invented_office import invent_office, office_files
from ejsync.sandbox.stage import SCHOOL, TODAY, Step
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ejsync.sandbox.chapters import Tale
    from ejsync.sandbox.expectation import Name, Records
    from ejsync.sandbox.stage import Round, Stage

_ORIGIN = "demo"
_REACHED, _WITHDRAWN = 3, 1
"""So many families agree that their contacts leave; so many of them think better of it."""


def office(tale: Tale) -> Iterator[Step]:
    """Let the office hand in its sheets: what follows of them reaches the ED, each figure as it is worked out anew."""
    stage, seed = tale.stage, tale.rng.randrange(1000)
    rows = invent_office(stage.journal.state(), seed=seed, put_off=tale.cast.permitted)
    faults = [fault for kind, content in office_files(rows).items() for fault in filed(stage, kind, content)]
    tale.office = rows
    done = stage.cycle(Feed.DERIVED)
    tale.look()
    book = _Book(held_records(stage.diary.state()), tale.due())
    facts: dict[str, object] = {
        **{name: len(found) for name, found in rows.items()},
        "arrived": done.answers["applied"],
        "faults": len(faults),
        "errors": done.error_codes(),
    }
    sentence = say(
        N_(
            "The office hands in its sheets: rows of the curriculum {curriculum}, deferrals {deferrals}, "
            "recommendations {recommendations}, contacts {contacts}; changes that arrived: {arrived}."
        ),
        **facts,
    )
    advised = book.all("recommendation", lambda data: data["source"] == "office")
    well = not (faults or done.error_codes()) and bool(advised) and done.answers["applied"] > 0
    yield Step("office", well, sentence, facts)
    yield from (_forecast(book), _deferral(book), _statistic(book))


def filed(stage: Stage, kind: str, content: bytes) -> list[object]:
    """Import a sheet as an operator does; return what is wrong with its cells."""
    wiring, wanted = stage.wiring, OfficeKind(kind)
    with stage.exchange.store.read(SCHOOL) as tx:
        sheet = parse(wanted, sheets.read(content), school_of(wiring, tx))
    if not sheet.faults:
        file_in(wiring, wanted, sheet.entries, origin=_ORIGIN)
    return list(sheet.faults)


@dataclass(frozen=True, slots=True)
class _Book:
    """What the ED holds, and what it must hold."""

    held: Records
    due: Records

    def all(self, kind: str, fits: Callable[[Any], bool]) -> list[Name]:
        """Return what the ED holds of a kind that fits."""
        return sorted(name for name, data in self.held.items() if name[0] == kind and fits(data))

    def is_right(self, name: Name) -> bool:
        """Tell whether the ED holds of a record exactly what it must."""
        return name in self.due and between({name: self.held[name]}, {name: self.due[name]}) == (set(), set())

    def shown(self, found: list[Name]) -> tuple[Any, bool]:
        """Return the first record found, and whether there is one and all are right; an empty one if there is none."""
        return (self.held[found[0]] if found else {}), bool(found) and all(map(self.is_right, found))


def _forecast(book: _Book) -> Step:
    """Show how one pupil stands in one subject."""
    data, right = book.shown(book.all("forecast", lambda row: any(target["fives"] for target in row["needed"])))
    goal = next((target for target in data.get("needed", ()) if target["fives"]), {"result": None, "fives": None})
    facts: dict[str, object] = {
        **{name: data.get(name) for name in ("pupil", "mean", "expected", "lowest", "highest", "method")},
        "better": goal["result"],
        "fives": goal["fives"],
    }
    sentence = say(
        N_(
            "A forecast of one pupil and subject: the mean so far is {mean}, expected is {expected}, between {lowest} "
            "and {highest}; further fives that make it {better}: {fives}."
        ),
        **facts,
    )
    return Step("forecast", right, sentence, facts)


def _deferral(book: _Book) -> Step:
    """Show whose result is put off, and until when."""
    put_off = book.all("final_state", lambda row: row["state"] == "deferred")
    data, right = book.shown(put_off)
    facts: dict[str, object] = {"deferred": len(put_off), "until": data.get("until")}
    missing = book.all("final_state", lambda row: row["state"] == "missing")
    facts["missing"] = len(missing)
    sentence = say(
        N_(
            "Final results put off: {deferred}, the first until {until}; final marks that are missing and told so: "
            "{missing}."
        ),
        **facts,
    )
    return Step("deferral", right, sentence, facts)


def _statistic(book: _Book) -> Step:
    """Show the account of one subject of a class."""
    planned = book.all("lesson_statistics", lambda row: row["results"]["pupils"] and row["lessons"][0]["planned_hours"])
    data, right = book.shown(planned)
    account = data["lessons"][0] if data else {}
    results = data["results"] if data else {}
    facts: dict[str, object] = {
        **{name: account.get(name) for name in ("planned_hours", "held", "replaced", "cancelled", "to_come")},
        **{name: results.get(name) for name in ("quality", "progress")},
        "class": data.get("class"),
    }
    sentence = say(
        N_(
            "A statistic of one subject of class {class}: planned lessons {planned_hours}, held {held}, of them "
            "replaced {replaced}, cancelled {cancelled}, to come {to_come}; quality {quality}, progress {progress}."
        ),
        **facts,
    )
    return Step("statistic", right, sentence, facts)


def contacts(tale: Tale) -> Iterator[Step]:
    """Keep families' contacts at home until they agree to that very thing, and call them back when they do no more."""
    stage, cast = tale.stage, tale.cast
    at_home = not any(kind == "contact" for kind, _ in tale.sight.versions)
    known = {row["pupil"]: f"{row['pupil']}/{row['whose']}/{row['way']}" for row in tale.office["contacts"]}
    agreed = sorted(known.keys() & cast.permitted)[:_REACHED]
    register(stage.wiring, [_agreement(stage, pupil) for pupil in agreed], origin=_ORIGIN)
    cast.reachable |= {f"{pupil}/contacts" for pupil in agreed}
    yield _told(tale, stage.deliver(), {("upsert", "contact", known[pupil]) for pupil in agreed}, well=at_home)

    gone = agreed[:_WITHDRAWN]
    for pupil in gone:
        withdraw(stage.wiring, pupil, Scope.CONTACTS)
    cast.reachable -= {f"{pupil}/contacts" for pupil in gone}
    yield _told(tale, stage.deliver(), {("retract", "contact", known[pupil]) for pupil in gone}, well=bool(gone))


def _agreement(stage: Stage, pupil: str) -> Consent:
    first, at = date.fromisoformat(TODAY), stage.clock.now()
    return Consent(0, pupil, Scope.CONTACTS, Decision.GRANTED, "parent", f"demo-{pupil}-c", first, None, None, at)


def _told(tale: Tale, done: Round, wanted: set[tuple[str, str, str]], *, well: bool) -> Step:
    """Tell what of contacts moved, and that nothing else did."""
    before = tale.sight
    carried = tale.look().changed_since(before)
    back = any(op == "retract" for op, _, _ in wanted)
    facts: dict[str, object] = {
        "at_home": len(tale.office["contacts"]),
        "carried": len(carried),
        "errors": done.error_codes(),
    }
    sentence = (
        say(N_("A family takes its consent to contacts back: contacts called back: {carried}, results stay."), **facts)
        if back
        else say(N_("Contacts stay home until families agree: kept {at_home}, now left {carried}."), **facts)
    )
    name = "contacts_called_back" if back else "contacts"
    return Step(name, well and carried == wanted and not done.error_codes(), sentence, facts)


def extract(tale: Tale) -> Iterator[Step]:
    """Print an extract for a family that refused the electronic form: nothing of it is at the ED."""
    stage, pupil = tale.stage, tale.cast.refused[0]
    archive = Archive(stage.wiring, stage.exchange.settings.schools[0].title)
    records = archive.read(archive.class_of(pupil))
    people = [person for person in records.people if person.pupil == pupil]
    printed = Press("extract").pdf(booklet(records, people), records.today)
    facts: dict[str, object] = {
        "pages": printed.pages,
        "bytes": len(printed.content),
        "standard": f"PDF/{STANDARD.upper()}",
        "at_diary": len(tale.sight.of_pupil(pupil)),
    }
    sentence = say(
        N_(
            "A family refused the electronic form and gets paper: pages of the extract {pages}, {standard}; of its "
            "pupil at the diary: {at_diary}."
        ),
        **facts,
    )
    yield Step("extract", len(people) == 1 and printed.pages > 0 and not facts["at_diary"], sentence, facts)
