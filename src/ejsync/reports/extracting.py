"""Extracts as documents: one for each pupil or one for a whole class, each witnessed in the audit log.

Consent does not matter here: paper is what families get who have none, or no internet. Nothing of it goes to the ED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ejsync.pipeline.ports import Wiring
from ejsync.reports.class_records import ClassRecords, Person
from ejsync.reports.extract import booklet
from ejsync.reports.paper import Press, Printed

EVENT = "extract.written"


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document and whose it is."""

    records: ClassRecords
    people: tuple[Person, ...]
    printed: Printed


def documents(press: Press, records: ClassRecords, people: Sequence[Person], *, together: bool) -> Iterator[Document]:
    """Yield one document for each of the pupils, or one for them together.

    Raises:
        PaperFailed: one of them cannot be set.
    """
    parts = [tuple(people)] if together else [(person,) for person in people]
    for part in parts:
        yield Document(records, part, press.pdf(booklet(records, part), records.today))


def witness(wiring: Wiring, document: Document) -> None:
    """Write into the audit log that an extract was made: of whom, of which class and period, and the file's digest."""
    records = document.records
    details = {
        "pupils": sorted(wiring.keyring.pseudonym(person.pupil) for person in document.people),
        "class": records.name,
        "school_year": records.period["school_year"],
        "period": records.period["period"],
        "pages": document.printed.pages,
        "sha256": document.printed.digest,
    }
    with wiring.store.begin(wiring.school) as tx:
        tx.audit.append(EVENT, details, wiring.clock.now())
