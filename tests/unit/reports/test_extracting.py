"""Extracts as documents and as events."""

import pytest

from ejsync.reports.extracting import documents, witness
from ejsync.reports.paper import Press
from tests.doubles import paper_class


@pytest.fixture
def known(world):
    """A class in the store, and what reports are handed of it."""
    return paper_class.read(paper_class.keep(world, paper_class.class_records()))


def test_one_document_for_each_or_one_for_all(known):
    """Together they hold as many pages as apart."""
    press = Press("extract")
    apart = list(documents(press, known, known.people, together=False))
    (whole,) = documents(press, known, known.people, together=True)
    assert [one.people for one in apart] == [(person,) for person in known.people]
    assert sum(one.printed.pages for one in apart) == whole.printed.pages


def test_an_extract_is_witnessed_without_a_name(world, known):
    """The event holds pseudonyms, class, period, pages and the file's digest, and the chain verifies."""
    (whole,) = documents(Press("extract"), known, known.people[:2], together=True)
    witness(world.wiring, whole)
    (event,) = world.audit("extract.written")
    pseudonyms = sorted(world.wiring.keyring.pseudonym(person.pupil) for person in known.people[:2])
    assert event.details == {
        "pupils": pseudonyms, "class": "10А", "school_year": 2026, "period": "p1", "pages": whole.printed.pages,
        "sha256": whole.printed.digest,
    }  # fmt: skip


def test_paper_needs_no_consent_and_sends_nothing(world, known):
    """Of pupils without any consent extracts are made, and no entry waits for the diary."""
    assert list(documents(Press("extract"), known, known.people[:1], together=True))
    assert not any(world.waiting().values())
