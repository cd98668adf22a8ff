"""The scanner finds what is planted: every spelling of every token, and leaks in each place where one may happen."""

import base64
import gzip
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import traceback
import zipfile
import zlib

import pytest
import zstandard

from tests.canaries.scanner import Scanner
from tests.canaries.tokens import Alphabet, Mint, Worth, spellings

PLACES = 12


@pytest.fixture
def mint():
    """A few tokens of every alphabet."""
    made = Mint()
    for number in range(20):
        for alphabet in Alphabet:
            made.personal("somebody", number, alphabet=alphabet)
    return made


@pytest.fixture
def scanner(mint):
    """What is tested."""
    return Scanner(mint)


@pytest.fixture
def name(mint):
    """The name that leaks."""
    return mint.personal("the one who leaks")


def found(scanner, data, text):
    """Tell whether this token is found, and no other; a piece of one, where a page or a stream ends, is nobody's."""
    return {hit.token.text for hit in scanner.search(data, "here")} - {""} == {text}


@pytest.mark.parametrize("alphabet", Alphabet)
def test_every_spelling_of_every_alphabet_is_found(mint, scanner, alphabet):
    """Each of a token's spellings is found amid other bytes, in base64 at each of its three alignments."""
    text = mint.personal("somebody", 3, alphabet=alphabet)
    for spelling, spelled in spellings(text):
        hits = scanner.search(b"\x00before " + spelled + b" behind\xff", "here")
        assert hits, spelling
        # The last letters may stand in a group that base64 shares with what follows.
        assert {hit.token.text[:-2] for hit in hits} - {""} == {text[:-2]}


@pytest.mark.parametrize("before", [0, 1, 2, 3, 4, 5])
def test_base64_is_found_wherever_it_begins_and_over_lines(scanner, name, before):
    """Whatever stands before it, plain or in lines of 76 letters, as mail and certificates write it."""
    whole = b"x" * before + name.encode() + b"y" * 100
    assert found(scanner, base64.b64encode(whole), name)
    assert found(scanner, base64.urlsafe_b64encode(whole), name)
    for shift in range(0, 76, 5):
        assert scanner.search(base64.encodebytes(b"z" * shift + whole), "here")


def test_a_key_is_found_as_bytes(scanner, mint):
    """The bytes that a key's hex digits spell are the key."""
    text = mint.secret("key", alphabet=Alphabet.HEX)
    assert [str(hit) for hit in scanner.search(b"\x01\x02" + bytes.fromhex(text), "here")] == [
        "secret key (binary) in here at 2"
    ]


def test_a_token_of_nobody_is_found_too(scanner):
    """What begins as a token but is not known is a leak of which we do not know whose it is."""
    hits = scanner.search(b"Qz7xkv3wxxxxxxxx", "here")
    assert [(hit.token.label, hit.token.worth) for hit in hits] == [("unknown", Worth.PERSONAL)]


def test_nothing_is_found_where_nothing_is(scanner):
    """A million random bytes, and the words of everyday, hold no token."""
    words = "Журнал 10А: оценка 5, ключ 100001/77/2026-11-16/0, c0ffee, 70914 ".encode() * 10_000
    assert scanner.search(os.urandom(1_000_000) + words, "here") == []
    assert scanner.searched >= 1_000_000


def test_parts_of_streams_are_opened(scanner, name):
    """Streams in streams, cut off streams, and members of archives are looked into."""
    text = name.encode() * 3
    packed = zstandard.ZstdCompressor().compress(gzip.compress(b"x" + text))
    assert found(scanner, b"....." + packed, name)
    assert found(scanner, zlib.compress(text + os.urandom(5000))[:4000], name)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/sharedStrings.xml", text)
    assert found(scanner, archive.getvalue(), name)


def _log_line(name, folder):
    stream = io.StringIO()
    record = logging.LogRecord("leaking", logging.WARNING, "x.py", 1, "no mark for %s", (name,), None)
    logging.StreamHandler(stream).handle(record)
    return stream.getvalue().encode()


def _trace(name, folder):
    try:
        raise ValueError(f"{name!r} is no grade")  # noqa: TRY301 - the leak
    except ValueError as error:
        return "".join(traceback.format_exception(error)).encode()


def _message(name, folder):
    return repr(KeyError({"firstname": name})).encode("ascii", "backslashreplace")


def _audit(name, folder):
    """Escaped twice: the details of an entry are a document within one."""
    return json.dumps({"event": "record.changed", "details": json.dumps({"comment": name})}).encode()


def _status(name, folder):
    return json.dumps({"schools": [{"feeds": [{"error": f"row of {name}"}]}]}).encode()


def _process(name, folder):
    """The words and the variables of a process that waits for its standard input."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", "import sys; print(flush=True); sys.stdin.read()", f"--pupil={name}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.readline()
        told = (folder.__class__("/proc") / str(process.pid) / "cmdline").read_bytes()
        process.stdin.close()
    return told


def _database(folder):
    connection = sqlite3.connect(folder / "leak.db", isolation_level=None)
    connection.execute("CREATE TABLE record (key TEXT, payload BLOB)")
    return connection


def _page(name, folder):
    _database(folder).execute("INSERT INTO record VALUES ('k', ?)", (name.encode(),)).connection.close()
    return (folder / "leak.db").read_bytes()


def _free_page(name, folder):
    """A row that was deleted: its page is free, and what stood there still stands."""
    connection = _database(folder)
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("INSERT INTO record VALUES ('k', ?)", ((name * 500).encode(),))
    connection.execute("DELETE FROM record")
    assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 0
    connection.close()
    return (folder / "leak.db").read_bytes()


def _wal(name, folder):
    """Only the log beside the database: its own file does not hold the row yet."""
    connection = _database(folder)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("INSERT INTO record VALUES ('k', ?)", (name.encode(),))
    assert name.encode() not in (folder / "leak.db").read_bytes()
    told = (folder / "leak.db-wal").read_bytes()
    connection.close()
    return told


def _gzip_body(name, folder):
    return b"POST /batches\r\n\r\n" + gzip.compress(json.dumps({"items": [{"last_name": name}]}).encode())


def _backup(name, folder):
    return b'{"payload":"' + base64.b64encode(json.dumps({"x": name}, ensure_ascii=False).encode()) + b'"}'


def _utf_16(name, folder):
    return f"Фамилия;{name}\r\n".encode("utf-16")


PLANTED = {
    "a line of a log": _log_line,
    "a traceback": _trace,
    "a message of an exception": _message,
    "details of an audit entry": _audit,
    "the document of status": _status,
    "words of a process": _process,
    "a page of a database": _page,
    "a free page of a database": _free_page,
    "the write-ahead log": _wal,
    "a gzip body": _gzip_body,
    "base64 in a backup": _backup,
    "a file in UTF-16": _utf_16,
}


@pytest.mark.parametrize("place", PLANTED)
def test_a_planted_leak_is_found(scanner, name, tmp_path, place):
    """A name that leaks there is found, and whose it is."""
    told = PLANTED[place](name, tmp_path)
    assert found(scanner, told, name)


def test_all_planted_leaks_are_found(scanner, name, tmp_path, tally):
    """Twelve of twelve; and with the name left out none of the twelve places holds any."""
    hits = 0
    for number, plant in enumerate(PLANTED.values()):
        for leaking, text in ((True, name), (False, "никто")):
            folder = tmp_path / f"{number}{leaking}"
            folder.mkdir()
            hits += bool(scanner.search(plant(text, folder), "here")) is leaking
    assert hits == 2 * PLACES == 2 * len(PLANTED)
    tally.append(f"canaries: {PLACES} of {PLACES} planted leaks found; {len(scanner.spellings)} spellings searched for")
