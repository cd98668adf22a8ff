"""Every sealed value of a store: none stands open, all open, and a pupil's do not without his key."""

import base64
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from ejsync.domain.office import Entry, OfficeImport, OfficeKind
from ejsync.domain.records import Feed, Kind
from ejsync.store.backup import back_up, place_for
from ejsync.store.restoring import restore
from ejsync.store.sealed_columns import SEALED, schools_of, shut, values_of
from tests.doubles.records import broken_mark, lesson, lessons, mark, marks, pupil, roster, school_class
from tests.doubles.vault import keys_of, sealed_store

NAME, OTHER = "КанареечнаяАнна", "ДругаяОльга"


@pytest.fixture
def filled(world):
    """A store with something in every sealed column: of two pupils, and of the class."""
    people = [school_class(), pupil("1001", last_name=NAME), pupil("1002", last_name=OTHER)]
    world.read(roster(*people), feed=Feed.ROSTER)
    world.consent("1001", "1002")
    world.read(lessons(["10А"], lesson(1, subject="КанареечныйПредмет")), feed=Feed.TIMETABLE)
    first = [mark("1001", subject="КанареечнаяХимия"), broken_mark("1001", column=2)]
    world.read(marks(["1001", "1002"], *first, mark("1002", subject="ДругаяФизика")))
    with world.tx() as tx:
        entry = Entry(OfficeKind.CONTACT, "1001/mother/email", "1001", None, "КанареечныйАдрес".encode(), 2)
        tx.office.add(OfficeImport(0, OfficeKind.CONTACT, world.clock.now(), "x.csv", 1, 0, 0), [entry])
    world.ed.faults.append("503")
    world.deliver()
    return world


def every(world, keys):
    """What stands in each sealed column, opened; None for what does not open."""
    with world.tx() as tx:
        connection = tx.records.connection
        return {
            (table, value.number): value.opened(keys.of(school))
            for table in SEALED
            for school in schools_of(connection, table)
            for value in values_of(connection, table, school)
        }


def spellings(word):
    """How a word may stand in a file."""
    raw = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("cp1251")]
    coded = [base64.b64encode((" " * shift + word).encode())[4:-4] for shift in range(3)]
    return [*raw, *coded, orjson.dumps(word)[1:-1], word.encode("unicode_escape")]


def files_with(folder, *words):
    """The names of all files in which one of the words stands, however spelled."""
    needles = [needle for word in words for needle in spellings(word)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    return sorted({path.name for path in files for needle in needles if needle in path.read_bytes()})


def test_the_search_finds_what_is_planted(tmp_path):
    """A word in a file is found in each of its spellings."""
    for number, needle in enumerate(spellings(NAME)):
        (tmp_path / f"{number}").write_bytes(b"x" * 37 + needle + b"y" * 11)
    assert len(files_with(tmp_path, NAME)) == len(spellings(NAME))


def test_no_personal_word_stands_in_any_file(filled):
    """Neither store, log of writes, backups nor key file hold a word of a payload, while the store knows them all."""
    back_up(filled.store.path, place_for(filled.store.path, filled.clock.now()), filled.clock.now())
    filled.store.keys.back_up()
    opened = every(filled, filled.store.keys)
    assert {table for table, _ in opened} == set(SEALED) - {"erasure"}
    assert None not in opened.values()
    words = [NAME, "КанареечныйПредмет", "КанареечнаяХимия", "КанареечныйАдрес", "ДругаяФизика"]
    known = b" ".join(opened.values()).decode()
    assert [word for word in words if word not in known] == []
    assert Path(f"{filled.store.path}-wal").stat().st_size > 0
    assert files_with(filled.store.path.parent, *words) == []


def test_without_a_pupils_key_nothing_of_his_opens_and_all_else_does(filled):
    """In the store, in its open batch and in a backup put back, his values are lost, and the other pupil's are not."""
    saved = back_up(filled.store.path, place_for(filled.store.path, filled.clock.now()), filled.clock.now()).path
    filled.store.keys.back_up()
    before = every(filled, filled.store.keys)
    his = {place for place, value in before.items() if value and (NAME.encode() in value or b"1001" in value)}
    his |= {place for place in before if place[0] in {"batch", "quarantine", "office_row"}}
    with filled.tx() as tx:
        tx.keys.destroy(["1001"])
    after = every(filled, filled.store.keys)
    lost = {place for place, value in after.items() if value is None}
    assert lost >= his
    assert {table for table, _ in lost} == {"record", "quarantine", "office_row", "consent", "batch"}
    assert OTHER in b" ".join(value for (table, _), value in after.items() if table == "record" and value).decode()
    filled.close()
    restore(filled.store.path, saved, filled.clock, keys_of(filled.store.path))
    with closing(sealed_store(filled.store.path, filled.clock)) as store, store.read("school-7") as tx:
        assert [row.key for row in tx.records.held_of(["school"], [Kind.PUPIL])] == ["1002"]
        assert tx.records.roster().classes == {"10А": ("1002",)}


def test_an_open_batch_that_does_not_open_any_more_gives_its_other_items_back(filled):
    """The batch that carried an erased pupil is called off; what it held of others goes again without him."""
    (flying,) = filled.batches("pending", "in_flight")
    assert {item.pupil for item in filled.items(flying.batch)} >= {"1001", "1002"}
    with filled.tx() as tx:
        tx.keys.destroy(["1001"])
        assert not tx.batches.opens(flying.batch)
    filled.settle_down()
    assert filled.batches("cancelled")[0].last_error == "sealed"
    held = filled.ed.live()
    assert [data["last_name"] for (kind, _), data in held.items() if kind == "pupil"] == [OTHER]
    assert [data["subject"] for (kind, _), data in held.items() if kind == "mark"] == ["ДругаяФизика"]


def test_what_is_shut_is_read_again_under_its_next_version(filled):
    """A record whose content is lost is sent to nobody, is no mass change when it comes again, and then is sent."""
    with filled.tx() as tx:
        tx.records.connection.execute(text("UPDATE record SET payload = x'010203' WHERE pupil = '1002'"))
        lost = shut(tx.records.connection, "school-7", tx.keys)
    assert lost == {"record": 2}
    with filled.tx() as tx:
        shown = {row.key: row for row in tx.records.known_of("pupil:1002")}
    assert all(row.is_shut for row in shown.values())
    filled.read(marks(["1001", "1002"], mark("1001", subject="КанареечнаяХимия"), mark("1002", subject="ДругаяФизика")))
    with filled.tx() as tx:
        (row,) = tx.records.known_of("pupil:1002")
        assert (row.version, row.is_shut) == (2, False)
    filled.settle_down()
    assert "ДругаяФизика" in {data["subject"] for (kind, _), data in filled.ed.live().items() if kind == "mark"}
