"""`audit show --pupil`: what has left of a pupil or was put on paper, when, to whom, on what ground, with what end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.glossary import ERASING, day, word
from ejsync.domain.audit import AuditEvent, unbroken
from ejsync.domain.consent import Decision
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.consent import Consent
    from ejsync.pipeline.ports import Transaction, Wiring

_HAPPENED = {
    "sent": N_("sent"),
    "sent again": N_("sent again"),
    "retracted": N_("retracted"),
    "retracted again": N_("retracted again"),
    "registered": N_("decision registered"),
    "withdrawn": N_("consent withdrawn"),
    "began": N_("consent took effect"),
    "ended": N_("nothing may leave any more"),
    "printed": N_("put on paper"),
    **ERASING,
}
_OUTCOMES = {
    "unknown": N_("no answer yet"),
    "delivered": N_("delivered"),
    "rejected": N_("rejected"),
    "failed": N_("failed: {code}"),
    "split": N_("sent anew in halves"),
    "cancelled": N_("called off"),
}


@dataclass(slots=True)
class Deed:
    """One thing that happened with a pupil's records; `outcome` counts records by what came of them.

    Attributes:
        extract: of what was put on paper: class, school year, period, pages, SHA-256 of the file, how many pupils.
    """

    at: str
    what: str
    seq: int
    records: Counter[str] = field(default_factory=Counter)
    sink: str | None = None
    batch: str | None = None
    consents: tuple[int, ...] = ()
    ground: str | None = None
    outcome: Counter[str] = field(default_factory=Counter)
    code: str | None = None
    keys: frozenset[tuple[str, int]] = frozenset()
    extract: Mapping[str, Any] | None = None

    def document(self, papers: Mapping[int, "Consent"]) -> dict[str, Any]:
        """Return the deed for --json; nothing in it is of another pupil."""
        return {
            "seq": self.seq,
            "at": self.at,
            "what": self.what,
            "records": dict(self.records),
            "sink": self.sink,
            "batch": self.batch,
            "consents": list(self.consents),
            "documents": [papers[number].document for number in self.consents if number in papers],
            "ground": self.ground,
            "outcome": dict(self.outcome),
            "code": self.code,
            "extract": self.extract,
        }


@dataclass(slots=True)
class Story:
    """All that a school's log says about one pupil.

    Attributes:
        events: the entries themselves, without any other pupil's lines.
        papers: the decisions of his family by their number.
    """

    wiring: "Wiring"
    pupil: str
    pseudonym: str
    papers: dict[int, "Consent"]
    deeds: list[Deed] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    _open: dict[str, list[Deed]] = field(default_factory=dict)
    _ground: int | None = None

    def follow(self, tx: "Transaction", event: AuditEvent) -> None:
        """Take in one entry, in the order of the log."""
        found: list[Deed] = []
        if event.event == "batch.claimed":
            found = self._claimed(tx, event)
        elif event.event == "consent.registered":
            found = self._registered(event)
        elif event.event == "extract.written":
            found = self._printed(event)
        elif event.details.get("pupil") == self.pseudonym:
            found = self._turned(event)
        elif event.details.get("batch") in self._open:
            self._came_of(event)
        self.deeds += found
        if found or event.details.get("batch") in self._open:
            keys = {key for deeds in self._open.values() for deed in deeds for key, _ in deed.keys}
            self.events.append({**event.document(), "details": own_lines(event.details, {self.pseudonym, *keys})})

    def _claimed(self, tx: "Transaction", event: AuditEvent) -> list[Deed]:
        batch = str(event.details["batch"])
        if "items" in event.details:
            items = [item for item in event.details["items"] if item[4] == self.pseudonym]
        elif batch in self._open:
            self._open[batch] = [_once_more(deed, event) for deed in self._open[batch]]
            return self._open[batch]
        else:  # half of a refused batch, or a replay: only the store knows its items
            items = self._stored(tx, batch)
        if not items:
            return []
        sink = event.details.get("sink") or tx.batches.get(batch).sink
        self._open[batch] = list(_sent(event, items, sink))
        return self._open[batch]

    def _stored(self, tx: "Transaction", batch: str) -> list[list[Any]]:
        pseudonym = self.wiring.keyring.pseudonym
        return [
            [item.op.value, item.kind.value, pseudonym(f"{item.kind}:{item.key}"), item.version, None, self._ground]
            for item in tx.batches.items(batch)
            if item.pupil == self.pupil
        ]

    def _registered(self, event: AuditEvent) -> list[Deed]:
        mine = [row for row in event.details.get("decisions", ()) if row[0] == self.pseudonym]
        used = {number for deed in self.deeds if deed.what == "registered" for number in deed.consents}
        return [Deed(event.at, "registered", event.seq, consents=self._paper(row, used), ground=row[2]) for row in mine]

    def _printed(self, event: AuditEvent) -> list[Deed]:
        told = event.details
        if self.pseudonym not in told["pupils"]:
            return []
        return [Deed(event.at, "printed", event.seq, extract={**told, "pupils": len(told["pupils"])})]

    def _paper(self, row: list[Any], used: set[int]) -> tuple[int, ...]:
        """Find the paper of a decision: the log names it by scope and days, the register by number."""
        for number, one in sorted(self.papers.items()):
            until = one.valid_until.isoformat() if one.valid_until else None
            told = [one.scope.value, one.decision.value, one.valid_from.isoformat(), until]
            if told == list(row[1:5]) and number not in used:
                return (number,)
        return ()

    def _turned(self, event: AuditEvent) -> list[Deed]:
        details = event.details
        if event.event == "consent.withdrawn":
            return [Deed(event.at, "withdrawn", event.seq, consents=tuple(details["consents"]), ground="withdrawn")]
        if event.event in ERASING:
            return [Deed(event.at, event.event, event.seq)]
        if event.event != "consent.took_effect":
            return []
        number = details["consent"]
        self._ground = number if details["allowed"] else None
        what = "began" if details["allowed"] else "ended"
        consents = () if number is None else (number,)
        return [Deed(event.at, what, event.seq, consents=consents, ground=details["ground"])]

    def _came_of(self, event: AuditEvent) -> None:
        """Write what an answer, a failure or a cancellation means for the last attempt of its batch."""
        for deed in self._open[str(event.details["batch"])]:
            total = deed.records.total()
            if event.event == "batch.settled":
                refused = sum((row[1], row[2]) in deed.keys for row in event.details["rejected"])
                deed.outcome = +Counter(delivered=total - refused, rejected=refused)
            elif event.event in {"batch.failed", "batch.split", "batch.cancelled"}:
                deed.outcome = Counter({event.event.removeprefix("batch."): total})
                deed.code = event.details.get("code")

    def document(self) -> dict[str, Any]:
        """Return the story for --json."""
        deeds = [deed.document(self.papers) for deed in self.deeds]
        return {"school": self.wiring.school, "pseudonym": self.pseudonym, "deeds": deeds, "totals": self.totals()}

    def totals(self) -> dict[str, dict[str, int]]:
        """Count records by sink and by what was done with them and what came of it."""
        found: dict[str, Counter[str]] = {}
        for deed in self.deeds:
            if deed.sink is not None:
                verb = deed.what.removesuffix(" again")
                counts = found.setdefault(deed.sink, Counter())
                counts[verb] += 0 if deed.what.endswith(" again") else deed.records.total()
                counts[f"{verb}, delivered"] += deed.outcome["delivered"]
                counts[f"{verb}, rejected"] += deed.outcome["rejected"]
        return {sink: dict(counts) for sink, counts in sorted(found.items())}


def _once_more(deed: Deed, event: AuditEvent) -> Deed:
    return Deed(
        event.at, f"{deed.what.removesuffix(' again')} again", event.seq, deed.records, deed.sink, deed.batch,
        deed.consents, outcome=Counter(unknown=deed.records.total()), keys=deed.keys,
    )  # fmt: skip


def _sent(event: AuditEvent, items: list[list[Any]], sink: str) -> Iterator[Deed]:
    """Part a batch's items of one pupil into what was sent and what was called back."""
    for op, what in (("upsert", "sent"), ("retract", "retracted")):
        mine = [item for item in items if item[0] == op]
        if mine:
            consents = tuple(sorted({item[5] for item in mine if item[5] is not None}))
            yield Deed(
                event.at, what, event.seq, Counter(item[1] for item in mine), sink, str(event.details["batch"]),
                consents, outcome=Counter(unknown=len(mine)), keys=frozenset((item[2], item[3]) for item in mine),
            )  # fmt: skip


def own_lines(details: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Leave out of the lists of an entry what names nobody and nothing that is wanted, by pseudonym."""
    return {name: _own_of(name, value, wanted) for name, value in details.items()}


def _own_of(name: str, value: Any, wanted: set[str]) -> Any:
    if name == "pupils" and isinstance(value, list):
        return [one for one in value if one in wanted]
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [row for row in value if wanted.intersection(cell for cell in row if isinstance(cell, str))]
    return value


def stories(exchange: "Exchange", wirings: Iterable["Wiring"], pupil: str) -> list[Story]:
    """Search the verified log of each school for a pupil.

    Raises:
        AuditBroken: a log does not verify; nothing is answered out of it.
    """
    found = []
    for wiring in wirings:
        with exchange.store.read(wiring.school) as tx:
            papers = {one.number: one for one in tx.consents.of([pupil]).get(pupil, ())}
            story = Story(wiring, pupil, wiring.keyring.pseudonym(pupil), papers)
            for event in unbroken(wiring.school, tx.audit.walk()):
                story.follow(tx, event)
        found.append(story)
    return found


def show(story: Story) -> None:
    """Print a pupil's story as a table, and its totals."""
    showing.heading(say(N_("{school}, pupil {pupil}"), school=story.wiring.school, pupil=story.pupil))
    if story.deeds:
        heads = (N_("When"), N_("What happened"), N_("Records"), N_("Sink"), N_("Ground"), N_("What came of it"))
        showing.table([say(head) for head in heads], [_row(story, deed) for deed in story.deeds])
    totals = story.totals()
    if not totals:
        showing.line(say(N_("Nothing has left.")))
    for sink, counts in totals.items():
        sentence = N_("{sink}: {sent} sent, of them {taken} taken and {refused} rejected; {back} called back")
        told = {"sent": "sent", "taken": "sent, delivered", "refused": "sent, rejected", "back": "retracted, delivered"}
        showing.line(say(sentence, sink=sink, **{name: counts.get(key, 0) for name, key in told.items()}))


def _row(story: Story, deed: Deed) -> list[showing.Cell]:
    when = datetime.fromisoformat(deed.at).astimezone(story.wiring.zone).strftime("%d.%m.%Y %H:%M")
    records = ", ".join(f"{word(kind)} {count}" for kind, count in sorted(deed.records.items()))
    came = ", ".join(f"{_outcome(name, deed.code)} {count}" for name, count in deed.outcome.items())
    if deed.extract:
        came = _form(deed.extract)
    return [when, say(_HAPPENED[deed.what]), records, deed.sink or "", _ground(story, deed), came]


def _form(told: Mapping[str, Any]) -> str:
    """Name a paper: an extract alone or among those of others, of which class, year and period."""
    alone = N_("an extract: class {name}, {year}/{next}, {period}, in a document of {pages}")
    among = N_("an extract: class {name}, {year}/{next}, {period}, among {count} in a document of {pages}")
    year, pages = told["school_year"], say_count("{count} page", "{count} pages", told["pages"])
    names = {"name": told["class"], "year": year, "next": year + 1, "period": told["period"], "pages": pages}
    return say(alone, **names) if told["pupils"] == 1 else say(among, count=told["pupils"], **names)


def _outcome(name: str, code: str | None) -> str:
    return say(_OUTCOMES[name], code=code or "")


def _ground(story: Story, deed: Deed) -> str:
    """Name the papers, and the ground where there is none or it is no grant."""
    told = [] if deed.ground in {None, "granted"} else [word(str(deed.ground))]
    for number in deed.consents:
        paper = story.papers.get(number)
        if paper is None:
            told.append(say(N_("consent No. {number}"), number=number))
            continue
        consent = N_("consent No. {number}, document {document}, from {day}")
        sentence = N_("document {document}, from {day}") if paper.decision is Decision.REFUSED else consent
        told.append(say(sentence, number=number, document=paper.document, day=day(paper.valid_from)))
    return "; ".join(told)
