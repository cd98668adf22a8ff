"""A school in which one pupil carries a token in every personal field, and what an erasure of him needs."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.erasure import Order
from ejsync.domain.office import Entry, OfficeKind
from ejsync.domain.records import Feed, Kind, Record, owner_pupil
from ejsync.pipeline.filing import file_in
from ejsync.pipeline.registering import register
from ejsync.reports.acting import Paperwork
from tests.doubles.records import broken_mark, final_mark, finals, mark, marks, pupil, roster, school_class
from tests.doubles.world import YEAR

HIM, MATE = "900177431", "900177432"
TOKENS = (
    "КанареечкинаЯ7", "АнфисаК8Я", "МилославовнаК9", "канарейка-отметка-51", "КАН-77/ДОК", "kanareika@mail.invalid",
    "канарейка-карантин-3",
)  # fmt: skip
ORDER = Order(HIM, "отзыв согласия", "заявление № 14", "директор")


def full_name():
    """The roster's record of him."""
    made = pupil(HIM)
    names = dict(zip(("last_name", "first_name", "middle_name"), TOKENS, strict=False))
    return Record(made.kind, made.key, made.owner, made.pupil, made.day, {**made.data, **names})


def commented(column=0):
    """A mark with a comment about him."""
    made = mark(HIM, column=column)
    return Record(made.kind, made.key, made.owner, made.pupil, made.day, {**made.data, "comment": TOKENS[3]})


def contact():
    """His family's address."""
    data = {"pupil": HIM, "whose": "mother", "way": "email", "address": TOKENS[5], "form": "electronic"}
    return Record(Kind.CONTACT, f"{HIM}/mother/email", owner_pupil(HIM), f"{HIM}/{Scope.CONTACTS.value}", None, data)


def broken():
    """A mark of his that breaks its contract."""
    made = broken_mark(HIM, lesson_id="99")
    return Record(made.kind, made.key, made.owner, made.pupil, made.day, {**made.data, "comment": TOKENS[6]})


def filled(world, *, delivered=True):
    """Let the journal, the office and two families fill the store; all that may leave has left."""
    read_all(world)
    at, first = world.clock.now(), YEAR.first
    decided = Consent(0, HIM, Scope.RESULTS, Decision.GRANTED, "parent", TOKENS[4], first, None, None, at)
    register(world.wiring, [decided], origin="t")
    world.consent(MATE)
    entry = Entry(OfficeKind.CONTACT, f"{HIM}/x", HIM, None, TOKENS[5].encode(), 1)
    file_in(world.wiring, OfficeKind.CONTACT, [entry], origin="t")
    if delivered:
        for sink in world.sinks:
            world.deliver(sink)


def read_all(world):
    """Read roster, marks and final marks of both pupils."""
    world.read(roster(school_class(), full_name(), pupil(MATE)), feed=Feed.ROSTER)
    world.read(marks([HIM, MATE], commented(), mark(HIM, column=1), broken(), mark(MATE)))
    world.read(finals([HIM, MATE], final_mark(HIM), final_mark(MATE)), feed=Feed.FINALS)


def in_plain_text(copy):
    """Make a copy as those are that were taken before payloads were sealed."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE record SET payload = ? WHERE pupil = ?", (" ".join(TOKENS).encode(), HIM))
        connection.commit()


def spilt(store):
    """Leave his data in pages that are free."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("CREATE TABLE spilt (text TEXT)")
        connection.execute("INSERT INTO spilt VALUES (?)", (" ".join(TOKENS) * 50,))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DROP TABLE spilt")
        connection.commit()


def paperwork(world):
    """The real sweep and the real act, over the world's store."""
    school = SimpleNamespace(name=world.wiring.school, title="Школа № 7", address="г. Тестов", zone=world.wiring.zone)
    settings = SimpleNamespace(schools=[school])
    return Paperwork(SimpleNamespace(store=world.store, settings=settings, schools={school.name: world.wiring}))


def places(world, *tokens):
    """Every file beside the store that holds one of these tokens, in any of the spellings that hide it."""
    wanted = {form for token in tokens for form in spellings(token)}
    files = [path for path in world.store.path.parent.rglob("*") if path.is_file()]
    return {path.name for path in files if any(form in path.read_bytes() for form in wanted)}


def spellings(token):
    """How a token may stand in bytes."""
    escaped = token.encode("ascii", "backslashreplace")
    return {token.encode(), token.encode("utf-16-le"), token.encode("cp1251"), escaped} - {b""}
