"""Kinship: a record whose subject was given another name keeps its key, where nobody else can be meant."""

from dataclasses import replace

import pytest

from ejsync.domain.changes import Fingerprinted, Known
from ejsync.domain.fingerprints import Keyring, canonical
from ejsync.domain.kinship import NAMED, recognise
from ejsync.domain.records import Kind
from ejsync.domain.standing import Broken, Normalised
from tests.doubles.records import final_mark, homework, mark

KEYRING = Keyring.from_master(b"k" * 32)
OLD, NEW = "Алгебра", "Алгебра и начала анализа"


def entry(record):
    """A well record."""
    payload = canonical(record.data)
    return Fingerprinted(record, payload, KEYRING.fingerprint(payload))


class Store:
    """What the store knows: records, each under a key."""

    def __init__(self, *records):
        self.rows, self.stored, self.asked = {}, {}, []
        for record in records:
            made = entry(record)
            name = (record.kind, record.key)
            self.stored[name] = made.payload
            self.rows[name] = Known(
                record.kind, record.key, record.owner, record.pupil, record.day, 1, made.fingerprint, gone=False
            )

    def payloads(self, keys):
        """Look payloads up, and remember that somebody asked."""
        self.asked += keys
        return {key: self.stored[key] for key in keys}

    def recognise(self, *records, broken=()):
        """Return the keys of the records of a reading, in order."""
        normal = Normalised(tuple(map(entry, records)), tuple(broken))
        found = recognise(normal, self.rows, KEYRING, self.payloads)
        return [item.record.key for item in found.entries] + [item.key for item in found.broken]


def renamed(record, subject=NEW):
    """A record as it is stored under its old key once its subject has a new name."""
    return replace(record, data={**record.data, "subject": subject})


def broken(record):
    """A record that breaks its contract."""
    return Broken(record.kind, record.key, record.owner, record.pupil, None, "ed/v1", ("",), canonical(record.data))


@pytest.mark.parametrize("make", [homework, lambda subject: final_mark(subject=subject)])
def test_a_renamed_subject_keeps_the_key(make):
    """The same record under another subject, the old one shown no more: it is the same."""
    assert Store(make(OLD)).recognise(make(NEW)) == [make(OLD).key]


@pytest.mark.parametrize("make", [homework, lambda subject: final_mark(subject=subject)])
def test_it_keeps_the_key_in_later_reads(make):
    """What is known under an old name is recognised by the name that is stored."""
    assert Store(renamed(make(OLD))).recognise(make(NEW)) == [make(OLD).key]


def test_it_keeps_the_key_while_it_is_edited_later():
    """An edit of a record whose key holds an old name finds it by what it is."""
    assert Store(renamed(homework(OLD))).recognise(homework(NEW, "§ 6")) == [homework(OLD).key]


def test_a_subject_may_be_renamed_twice_and_back():
    """The key stays whatever the subject is called, and is whole again when its first name returns."""
    known = Store(renamed(homework(OLD)))
    assert known.recognise(homework("Матанализ")) == [homework(OLD).key]
    assert known.recognise(homework(OLD)) == [homework(OLD).key]


def test_a_record_edited_while_its_subject_is_renamed_follows_the_others():
    """Where one record shows the new name beyond doubt, those edited at the same time are recognised by it."""
    known = Store(homework(OLD), homework(OLD, "§ 6", index="2"))
    shown = homework(NEW), homework(NEW, "§ 7", index="2")
    assert known.recognise(*shown) == [homework(OLD).key, homework(OLD, index="2").key]


def test_a_broken_record_follows_the_others_too():
    """A record that breaks its contract under the new name is not taken for gone under the old one."""
    known = Store(homework(OLD), homework(OLD, "§ 6", index="2"))
    assert known.recognise(homework(NEW), broken=[broken(homework(NEW, "?", index="2"))]) == [
        homework(OLD).key,
        homework(OLD, index="2").key,
    ]


def test_two_subjects_renamed_at_once_are_told_apart_by_what_differs():
    """Of two renamed subjects those records that are alike follow those that are not."""
    old = homework(OLD, "§ 1"), homework("Физика", "§ 2"), *(homework(s, "то же", index="2") for s in (OLD, "Физика"))
    new = homework(NEW, "§ 1"), homework("Астро", "§ 2"), *(homework(s, "то же", index="2") for s in (NEW, "Астро"))
    assert Store(*old).recognise(*new) == [record.key for record in old]


def test_what_is_ambiguous_is_not_guessed():
    """Two subjects with the same homework, both renamed: who is who cannot be told, and both are new."""
    known = Store(homework(OLD, "то же"), homework("Физика", "то же"))
    shown = homework(NEW, "то же"), homework("Астро", "то же")
    assert known.recognise(*shown) == [record.key for record in shown]


def test_a_subject_that_is_still_shown_was_not_renamed():
    """A final mark moved from one subject to another that goes on is no new name."""
    known = Store(final_mark(period="p1"), final_mark(raw="3", period="p2"))
    shown = final_mark(subject="Химия", period="p1"), final_mark(raw="3", period="p2")
    assert known.recognise(*shown) == [record.key for record in shown]


def test_another_date_group_or_text_is_another_homework():
    """Only the subject may differ."""
    for other in homework(NEW, "§ 6"), homework(NEW, group="И1"), homework(NEW, index="2"):
        assert Store(homework(OLD)).recognise(other) == [other.key]


def test_another_owner_is_another_record():
    """A class does not take what was another's."""
    assert Store(homework(OLD)).recognise(homework(NEW, of="10Б")) == [homework(NEW, of="10Б").key]


def test_who_finds_his_own_key_taken_gets_one_beside_it():
    """A subject that takes up the old name of a renamed one does not take its records over, then or later."""
    known = Store(renamed(homework(OLD, "§ 6")))
    shown = homework(NEW, "§ 6"), homework(OLD, "§ 1")
    assert known.recognise(*shown) == [homework(OLD).key, f"{homework(OLD).key}~2"]
    beside = replace(homework(OLD, "§ 1"), key=f"{homework(OLD).key}~2")
    later = Store(renamed(homework(OLD, "§ 6")), beside)
    assert later.recognise(*shown) == [homework(OLD).key, beside.key]
    assert later.recognise(homework(OLD, "§ 2"), homework(NEW, "§ 6")) == [beside.key, homework(OLD).key]


def test_a_letter_that_comes_and_goes_is_no_new_name():
    """`ё` is written or not: who is stored with it is recognised without it, though both were edited."""
    known = Store(replace(homework("Черчение ё"), key=homework("Черчение е").key), homework("Физика"))
    shown = replace(homework("Черчение е", "§ 6"), key=homework("Черчение е").key), homework("Химия", "§ 9")
    assert known.recognise(*shown) == [record.key for record in shown]


def test_nothing_is_looked_up_unless_somebody_is_strange_and_somebody_is_lost():
    """Payloads are loaded neither for what is new nor for what is gone nor for what was edited."""
    known = Store(homework(OLD), homework(OLD, "§ 6", index="2"))
    known.recognise(homework(OLD), homework(OLD, "§ 6", index="2"), homework(NEW))
    known.recognise(homework(OLD))
    known.recognise(homework(OLD, "§ 7"), homework(OLD, index="2"))
    assert known.asked == []


def test_an_unchanged_reading_is_handed_back_as_it_is():
    """While everybody stands where he stood nothing is worked out at all."""
    normal = Normalised((entry(homework()), entry(mark())), ())
    assert recognise(normal, Store(homework(), mark()).rows, KEYRING, None) is normal


@pytest.mark.parametrize("kind", NAMED)
def test_what_tells_records_apart_stands_in_their_payloads(kind):
    """The fields that identify a record of a named kind are fields of it."""
    data = {Kind.HOMEWORK: homework(), Kind.FINAL_MARK: final_mark()}[kind].data
    assert {*NAMED[kind], "subject"} <= data.keys()
