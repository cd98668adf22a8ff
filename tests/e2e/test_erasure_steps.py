"""Pupils whose every field is a token are erased, and the command is killed at every step: the tokens are nowhere."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine

from ejsync.store.backup import backups_of
from ejsync.store.inspection import reading
from ejsync.store.old_files import acts_of
from ejsync.store.sealed_columns import SEALED, schools_of, values_of
from ejsync.vault import Vault
from tests.canaries.scanner import Scanner
from tests.canaries.story import Story, services
from tests.canaries.tokens import Worth
from tests.e2e.crash_points import OF_AN_ERASURE

WORDS = ("--reason", "отзыв согласия", "--document", "14", "--by", "директор", "--yes")
KILLED = -signal.SIGKILL
STATEMENTS = 60
AT_RANDOM = 12
LEAST_TOKENS = 8


class Erasing:
    """The school of tokens once the year has begun, with a backup, and what is known of its pupils."""

    def __init__(self, folder, journal, diary):
        self.rng, self.diary = Random(22), diary
        self.story = Story(folder / "place", journal, diary)
        self.place = self.story.place
        self.store = self.place.folder / "state" / "ejsync.db"
        self.kills = 0

    def begin(self):
        """Fill the store, deliver what may leave, and back it all up."""
        self.story.set_up()
        self.story.begin_the_year()
        self.story.run("db", "backup")
        self.scanner = Scanner(self.story.mint)

    def spill(self, numbers):
        """Leave the tokens of some pupils open in free pages of the store, and in payloads of its backup."""
        tokens = [token.text for token in self.story.mint.tokens.values() if own([token.label], *numbers)]
        with closing(sqlite3.connect(self.store)) as connection:
            connection.execute("PRAGMA secure_delete=OFF")
            connection.execute("CREATE TABLE spilt (text TEXT)")
            connection.execute("INSERT INTO spilt VALUES (?)", (" ".join(tokens) * 200,))
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("DROP TABLE spilt")
            connection.commit()
        ids, (copy,) = [self.story.pupils[number] for number in numbers], backups_of(self.store)
        with closing(sqlite3.connect(copy.path)) as connection:
            for pupil, text in zip(ids, tokens, strict=False):
                connection.execute("UPDATE record SET payload = ? WHERE pupil = ?", (text.encode(), pupil))
            connection.commit()

    def spilt(self):
        """Names of files in which personal tokens or secrets stand open."""
        found = ((name, self.scanner.search(data, name)) for name, data in self.files().items())
        return {name for name, hits in found if any(hit.token.worth is not Worth.IDENTIFIER for hit in hits)}

    def killed_at(self, pupil, point, nth=1):
        """Give the command and tell whether it came to its death."""
        said = self.place.run("privacy", "erase", pupil, *WORDS, point=point, nth=nth)
        assert said.code in {KILLED, 0}, (point, nth, said.code, said.err.decode())
        self.kills += said.code == KILLED
        return said.code == KILLED

    def finish(self, pupil):
        """Give the command once more, to its end."""
        self.story.run("privacy", "erase", pupil, *WORDS)

    def values(self):
        """Every value in store and backups that opens with the keys there are, and its sealed bytes."""
        secret = self.story.keys["master"].encode()
        with closing(Vault(self.store, lambda: bytes.fromhex(secret.decode()))) as vault:
            for path in (self.store, *(copy.path for copy in backups_of(self.store))):
                engine = create_engine("sqlite://", creator=lambda path=path: reading(path))
                with engine.connect() as connection:
                    for table in SEALED:
                        for school in schools_of(connection, table):
                            for value in values_of(connection, table, school):
                                yield value, value.opened(vault.of(school)) or b""
                engine.dispose()

    def readable(self):
        """The labels of all tokens that can be read with store, backups, keys and master secret in hand."""
        opened = b"\n".join(content for _, content in self.values())
        return {hit.token.label for hit in self.scanner.search(opened, "opened")}

    def sealed_of(self, pupil):
        """The sealed bytes of what is his alone."""
        return [value.content for value, _ in self.values() if value.subjects == {pupil}]

    def files(self):
        """Every file but the secrets, the office's sheets and what the diary of the test is made of."""
        return dict(self.place.files(("secrets", "sheets", "papers", "state/master.key")))

    def close(self):
        """End every process."""
        self.place.close()


@pytest.fixture(scope="module")
def erasing(tmp_path_factory):
    """A school whose pupils may be erased."""
    folder = tmp_path_factory.mktemp("erasing")
    with services(folder) as (journal, diary):
        made = Erasing(folder, journal, diary)
        try:
            made.begin()
            yield made
        finally:
            made.close()


def own(labels, *numbers):
    """Those tokens that are of some pupils: their fields and their families' papers."""
    theirs = tuple(f"{what}/{number}/" for number in numbers for what in ("pupil", "consent"))
    return {label for label in labels if label.startswith(theirs)}


@pytest.mark.slow
def test_killed_at_every_step_his_tokens_are_nowhere(erasing, tally):
    """One dies at each named step, one at random statements: neither is readable, traced or told of twice."""
    every_step, at_random, mate = 0, 7, 3
    ids = [erasing.story.pupils[number] for number in (every_step, at_random)]
    before = erasing.readable()
    assert all(len(own(before, number)) >= LEAST_TOKENS for number in (every_step, at_random, mate))
    sealed = [content for one in ids for content in erasing.sealed_of(one)]
    assert len(sealed) > 2 * LEAST_TOKENS
    everything = b"".join(erasing.files().values())
    assert all(content in everything for content in sealed)
    erasing.spill([every_step, at_random])
    assert {Path(name).suffix for name in erasing.spilt()} == {".db"}
    assert len(erasing.spilt()) == 2

    missed = [point for point in OF_AN_ERASURE if not erasing.killed_at(ids[0], point)]
    assert missed == []
    for _ in range(AT_RANDOM):
        erasing.killed_at(ids[1], "statement", erasing.rng.randint(1, STATEMENTS))
    for one in ids:
        erasing.finish(one)

    after = erasing.readable()
    assert own(after, every_step, at_random) == set()
    assert own(after, mate) == own(before, mate)
    files = erasing.files()
    assert [name for name, data in files.items() if any(content in data for content in sealed)] == []
    hits = [hit for name, data in files.items() for hit in erasing.scanner.search(data, name)]
    assert {hit.origin for hit in hits if hit.token.text in ids and not hit.origin.startswith("state/acts/")} == set()
    assert erasing.spilt() == set()
    told_once(erasing, ids)
    tally.append(
        f"erasures step by step: {erasing.kills} kills at {len(OF_AN_ERASURE)} named steps and random statements,"
        f" {len(files)} files with {len(sealed)} sealed values and {len(before - after)} tokens searched: 0 left"
    )


def told_once(erasing, ids):
    """The diary applied nothing twice, holds nothing of them, and each has one act; the log verifies."""
    state = erasing.diary.state()
    assert state["doubled"] == 0
    assert [one["key"] for one in state["records"] if any(pupil in str(one) for pupil in ids)] == []
    acts = sorted(path.suffix for path in acts_of(erasing.store).iterdir())
    assert acts == [".json"] * len(ids) + [".pdf"] * len(ids)
    erasing.story.run("audit", "verify")
    events = json.loads(erasing.story.run("audit", "tail", "-n", "100000", "--json").out)["events"]
    for name in ("begun", "told", "deleted", "swept", "witnessed", "done"):
        numbers = [one["details"]["erasure"] for one in events if one["event"] == f"erasure.{name}"]
        assert sorted(numbers) == sorted(set(numbers)), name
        assert len(numbers) == len(ids), name
