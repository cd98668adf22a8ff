"""A school of tokens lives through every verb, at debug level and with bad luck: no token is where it must not be."""

import sqlite3
from contextlib import closing

import pytest

from tests.canaries.instance import CRASHES, crash_text
from tests.canaries.inventory import IDENTIFIERS, PLANTED
from tests.canaries.place import VERBS
from tests.canaries.scanner import Scanner
from tests.canaries.story import Story, services
from tests.canaries.tokens import Worth, is_token

pytestmark = pytest.mark.slow

WORDS = {
    "quarantine show": "with --payload and a yes an operator reads the record that he must mend",
    "import contact": "a preview of the office's own sheet, before it is taken in",
    "import deferral": "likewise",
    "import recommendation": "likewise",
    "report forecast": "a report on pupils, made to be read by their teacher",
    "report summary": "likewise",
    "consent list": "the numbers of the families' letters, to look them up in the file",
    "consent show": "likewise",
    "privacy report": "the answer to a family: it names the letters that its consents stand in",
}
"""Verbs whose words may hold personal data, and why; what they write goes to `papers/`, which is not searched."""
NUMBERS = {*WORDS, "batches diff", "batches show", "demo", "import show", "quarantine list"}
"""Verbs that name records by their keys, in which a pupil's number stands."""
NUMBERS_ON_DISK = ("ejsync.db", "backups/", "acts/")
"""Where pupils' numbers stand: in columns by which records are found (docs/architecture.md, "Keys and versions"), and
in the act of destruction, which is about one of them."""

LEAST_WAL = 4096


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """All that happened."""
    folder = tmp_path_factory.mktemp("canaries")
    with services(folder) as (journal, diary):
        played = Story(folder / "place", journal, diary)
        try:
            played.play()
            yield played
        finally:
            played.place.close()


@pytest.fixture(scope="module")
def scanner(story):
    """Knows every token of the story, those of planted bugs too."""
    for where in CRASHES:
        crash_text(story.mint, where)
    return Scanner(story.mint)


def told(hits):
    """Each leak once: what, how and where."""
    return sorted({f"{hit.token.worth} {hit.token.label} ({hit.spelling}) in {hit.origin}" for hit in hits})


def test_every_verb_was_run(story):
    """A verb that this story does not call is no verb that was searched."""
    run = {tuple(said.verb.split()) for said in story.place.said}
    assert VERBS - run == set()


def test_bad_luck_was_met(story):
    """Refused secrets, dead letters, held batches, a quarantined row, broken sheets and four bugs did happen."""
    codes = {said.code for said in story.place.said}
    assert codes >= {0, 1, 2, 3, 4, 5, 7}
    assert all(story.batches[state] for state in ("held", "partial", "delivered"))
    said = b"".join(one.out + one.err for one in story.place.said)
    assert [word for word in (b"job.crashed", b"thread.failed", b"EJ-206", b"EJ-900") if word not in said] == []
    assert b"Traceback" in said
    assert len(story.heard) == 3


def test_every_planted_field_reached_the_diary(story):
    """Each personal field of each kind was carried, so that its token had every occasion to leak."""
    shown = {(one["kind"], path) for one in story.carried for path, text in _texts(one["data"], ()) if is_token(text)}
    wanted = {
        (contract.removeprefix("ed/"), field)
        for table in (PLANTED, IDENTIFIERS)
        for contract, fields in table.items()
        for field in fields.split()
        if contract.removeprefix("ed/") in {one["kind"] for one in story.carried}
    }
    assert wanted - shown == set()
    assert {kind for kind, _ in wanted} >= {"pupil", "mark", "contact", "recommendation", "homework", "final_mark"}


def _texts(node, path):
    below = node.items() if isinstance(node, dict) else [((), one) for one in node] if isinstance(node, list) else ()
    for name, one in below:
        yield from _texts(one, (*path, name) if name else path)
    if isinstance(node, str):
        yield ".".join(path), node


def test_no_verb_says_a_secret_or_a_name(story, scanner, tally):
    """Outputs, logs and tracebacks hold no secret at all, names and numbers only where the table says why."""
    leaks = []
    for said in story.place.said:
        for stream, told_there in (("stdout", said.out), ("stderr", said.err)):
            hits = scanner.search(told_there, f"{stream} of {said.verb} (exit {said.code})")
            leaks += [hit for hit in hits if not _may_say(said.verb, stream, hit.token.worth)]
    assert told(leaks) == []
    tokens, verbs = len(story.mint.tokens), {said.verb for said in story.place.said}
    tally.append(f"canaries: {tokens} tokens, {len(story.place.said)} command lines of {len(verbs)} verbs searched")


def _may_say(verb, stream, worth):
    if worth is Worth.IDENTIFIER:
        return verb in NUMBERS
    return worth is Worth.PERSONAL and verb in WORDS and stream == "stdout"


def test_no_allowance_is_idle(story, scanner):
    """What the tables allow does happen: an allowance that nothing needs would hide the first leak."""
    said = {worth: set() for worth in Worth}
    for one in story.place.said:
        for hit in scanner.search(one.out, one.verb):
            said[hit.token.worth].add(one.verb)
    assert (set(WORDS) - said[Worth.PERSONAL], NUMBERS - said[Worth.IDENTIFIER] - set(WORDS)) == (set(), set())


def test_the_status_of_a_school_names_nobody(story, scanner):
    """`status`, its document, `doctor`, `plan` and the health endpoint hold not even a pupil's number."""
    quiet = [said for said in story.place.said if said.verb in {"status", "doctor", "plan", "run"}]
    assert len(quiet) > 8
    answers = [(said.verb, said.out + said.err) for said in quiet] + [("health", told) for told in story.heard]
    assert told([hit for verb, answer in answers for hit in scanner.search(answer, verb)]) == []


def test_the_audit_names_nobody(story, scanner):
    """The log of events, as a program reads it and as it is handed out, holds no token of any worth."""
    exported = (story.place.folder / "papers" / "audit.jsonl").read_bytes()
    tails = [said.out for said in story.place.said if said.words[:2] == ("audit", "tail")]
    assert exported.count(b"\n") > 30
    assert told([hit for text in (exported, *tails) for hit in scanner.search(text, "audit")]) == []


def test_processes_carry_nothing(story, scanner, tally):
    """Neither words nor variables of ejsync's processes, nor of those that they start, hold what nobody typed."""
    watch = story.place.watch
    assert len(watch.seen) >= 6
    assert told([hit for data in watch.seen.values() for hit in scanner.search(data, "a process")]) == []
    tally.append(f"canaries: {len(watch.seen)} processes looked at {watch.looks} times")


def test_files_hold_nothing(story, scanner, tally):
    """Store, write-ahead log, backups and all that lies beside them, at work, killed and at the end, hold no token."""
    leaks, size = [], scanner.searched
    for origin, data in story.kept:
        hits = scanner.search(data, origin)
        numbered = any(word in origin for word in NUMBERS_ON_DISK)
        leaks += [hit for hit in hits if not (numbered and hit.token.worth is Worth.IDENTIFIER)]
    names = {origin.partition(",")[0] for origin, _ in story.kept}
    tally.append(
        f"canaries: {len(story.kept)} files, {(scanner.searched - size) / 1e6:.0f} MB searched, {len(leaks)} hits"
    )
    assert {name.rpartition("/")[2] for name in names} >= {"ejsync.db", "ejsync.db.keys", "ejsync.toml"}
    assert any("ejsync.db-wal, daemon at work" in origin and len(data) > LEAST_WAL for origin, data in story.kept)
    assert _summed(leaks) == {}


def _summed(leaks):
    """How many leaks of which worth each file has: thousands need not be told one by one."""
    summed = {}
    for hit in leaks:
        name = hit.origin.partition(",")[0]
        summed.setdefault(f"{hit.token.worth} in {name}", set()).add(hit.token.label)
    return {where: len(labels) for where, labels in summed.items()}


def test_columns_hold_nothing(story, scanner):
    """No column of the store holds a token, told by its name; a pupil's number stands in no audit entry."""
    leaks = {}
    store = story.place.folder / "state" / "ejsync.db"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                _gather(leaks, scanner, table, dict(zip(_columns(connection, table), row, strict=True)))
    assert leaks == {}


def _columns(connection, table):
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _gather(leaks, scanner, table, row):
    for column, value in row.items():
        data = value if isinstance(value, bytes) else str(value).encode()
        for hit in scanner.search(data, column):
            if hit.token.worth is not Worth.IDENTIFIER or table in {"audit_event", "checkpoint"}:
                leaks.setdefault(f"{table}.{column}", set()).add(hit.token.worth.value)


def test_the_scanner_sees_these_very_files(story, scanner):
    """The positive proof: what is left out for good reason is found, secrets in their files and names on sheets."""
    place = story.place.folder
    assert scanner.search((place / "secrets" / "client").read_bytes(), "secrets")
    assert scanner.search((place / "state" / "master.key").read_bytes(), "key")
    assert scanner.search((place / "sheets" / "contact.xlsx").read_bytes(), "sheet")
    assert scanner.search(b"".join(said.out for said in story.place.said if said.verb in WORDS), "words")
