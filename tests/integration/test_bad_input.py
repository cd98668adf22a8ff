"""What bad input gets: a hostile journal on loopback, read by the whole flow over a real store that holds records."""

import io
import json
import re
import traceback
import zlib
from dataclasses import dataclass, replace
from random import Random

import pytest
import structlog

from ejsync import logs
from ejsync.cli.failing import explain, told
from ejsync.domain.records import Feed, Kind
from ejsync.errors import (
    ContractViolation,
    SourceAuthFailed,
    SourceElsewhere,
    SourceForbidden,
    SourceOversized,
    SourceStrangers,
    SourceSuspiciouslyEmpty,
    SourceUnavailable,
)
from ejsync.pipeline.ports import Surroundings
from ejsync.pipeline.sync import sync_feed
from ejsync.sources import EljurConfig, open_source
from ejsync.transport import Limits
from ejsync.wording import use_language
from tests.doubles.hostile import TOKEN, Call, empty_zip, endless_zip, envelope, hostile_journal, marks
from tests.doubles.memory import DictMemory
from tests.doubles.world import WANTED, World, contracts

DEVKEY, PASSWORD = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "hidden/password+1"
SECRETS = (DEVKEY, TOKEN, PASSWORD, "hidden%2Fpassword%2B1", "bridge-login")
QUERY = re.compile(r"\?\w+=|auth_token=|student=")
CAP = 1_000_000
LOG_IN = "<html><form><input name=login><input type='password'></form><a href='{}'>"
PAGE = "<!DOCTYPE html><html><h1>Технические работы</h1><a href='{}'>"
WELL = envelope(marks("1001", "1002"))


@dataclass(frozen=True)
class Bad:
    """One misbehaviour of a method: the error's class and code, and words of its Russian and English sentence."""

    name: str
    act: object
    kind: type
    code: str
    ru: str
    en: str
    method: str = "getmarks"
    feed: Feed = Feed.MARKS
    total_s: float = 30.0
    cap: int = CAP


def page(text, status=200, **headers):
    """Answer with a text into which the whole address was put."""
    return lambda call: call.answer(text.format(call.echo).encode(), status, **headers)


def refusal(state, error="Ошибка: {}", status=200):
    """Answer with an envelope that refuses and repeats the address."""
    return lambda call: call.answer(envelope([], state=state, error=error.format(call.echo)), status)


def away(target):
    """Redirect."""
    return lambda call: call.answer(b"", 302, Location=target(call))


def packed(encoding, content=WELL, **headers):
    """Answer with a body that claims an encoding."""
    return lambda call: call.answer(content, Content_Encoding=encoding, **headers)


def endless(parts):
    """Answer with parts of gzip that never end."""
    return lambda call: call.stream(parts(), Content_Encoding="gzip")


def header_drip(call):
    """Never come to the end of the headers."""
    call.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    call.drip(b"x")


def body_drip(call):
    """Never come to the end of the body."""
    call.answer(b"{", Content_Length="1000000")
    call.drip(b" ")


def endless_headers(call):
    """Send headers without an end."""
    call.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        call.send(b"X-More: 1\r\n" * 1000)


def expired_then_refused(call):
    """Refuse the sign-in that follows an expired token, and quote the query."""
    call.answer(envelope([], state=400, error=f"Неверно: {call.echo}"), 400)


def _cases():
    away_from_host = "http://localhost.invalid/stolen?{}"
    gone = (SourceUnavailable, "EJ-201")
    wrong = (SourceElsewhere, "EJ-207")
    large = (SourceOversized, "EJ-208", "больше, чем разрешено", "body over the size cap")
    unknown = ("неизвест", "an unknown school sub-domain, or a failure of the service")
    closed = ("журнал школы закрыт", "maintenance, or the school's journal is closed")
    broken = ("соединение", "the connection broke off")
    garbled = ("не распаковывается", "cannot be decompressed")
    yield Bad("state 500", refusal(500), *gone, *unknown)
    yield Bad("state 500 as text", refusal("500"), *gone, *unknown)
    yield Bad("state 404", refusal(404), *gone, "state=404", "state=404")
    yield Bad("state 403", refusal(403), SourceForbidden, "EJ-204", "нет права", "has no right to “getmarks”")
    yield Bad("HTTP 403", refusal(403, status=403), SourceForbidden, "EJ-204", "нет права", "has no right")
    yield Bad("no such school", page(PAGE, 500), *gone, *unknown)
    yield Bad("HTTP 503", page(PAGE, 503), *gone, "state=503", "state=503")
    yield Bad("log-in page", page(LOG_IN), *wrong, "страница входа", "a log-in page instead of an answer")
    yield Bad("maintenance", page(PAGE), *gone, *closed)
    yield Bad("archived school", page("<html><p>Школа в архиве {}"), *gone, *closed)
    yield Bad("refusal of a proxy", page(PAGE, 403), *gone, "от прокси", "a refusal as an HTML page")
    yield Bad("XML", page("<?xml version='1.0'?><response>{}</response>"), *wrong, "XML", "XML instead of JSON")
    yield Bad("off the host", away(lambda call: away_from_host.format(call.echo)), *wrong, "чужой", "to another host")
    yield Bad("on the host", away(lambda call: call.echo + "&again=1"), *wrong, "того же", "of the same host")
    yield Bad("empty body", page(""), *gone, "пустой ответ", "an empty body")
    yield Bad("half of JSON", lambda call: call.answer(WELL[:200]), *gone, "JSON", "JSON that does not parse")
    yield Bad("nested JSON", lambda call: call.answer(b"[" * 100_000), *gone, "JSON", "JSON that does not parse")
    yield Bad("no envelope", page('["{}"]'), *gone, "response", "an envelope without `response`")
    yield Bad("60 MB", lambda call: call.answer(b" " * 60_000_000), *large, cap=50_000_000)
    yield Bad("60 MB without length", lambda call: call.stream([b" " * 1_000_000] * 60), *large, cap=50_000_000)
    yield Bad("gzip bomb", packed("gzip", zlib.compress(b" " * 20_000_000, wbits=31)), *large)
    yield Bad("gzip without end", endless(endless_zip), *large)
    yield Bad("gzip of nothing without end", endless(empty_zip), *large)
    for name in ("deflate", "br", "zstd", "gzip, gzip"):
        yield Bad(f"packed as {name}", packed(name, zlib.compress(WELL)), *gone, *garbled)
    yield Bad("plain text as gzip", packed("gzip"), *gone, *garbled)
    yield Bad("half of gzip", packed("gzip", zlib.compress(WELL, wbits=31)[:-20]), *gone, *garbled)
    yield Bad("length too large", lambda call: call.answer(WELL, Content_Length="999999"), *gone, *broken)
    yield Bad("length too small", lambda call: call.answer(WELL, Content_Length="99"), *gone, "JSON", "does not parse")
    yield Bad("length of nonsense", lambda call: call.answer(WELL, Content_Length="-5"), *gone, *broken)
    yield Bad("headers without end", endless_headers, *gone, *broken)
    yield Bad("header drip", header_drip, *gone, "вышло общее время", "total deadline exceeded", total_s=0.2)
    yield Bad("body drip", body_drip, *gone, "вышло общее время", "total deadline exceeded", total_s=0.2)
    yield Bad(
        "another pupil",
        lambda call: call.answer(envelope(marks("2001"))),
        *(SourceStrangers, "EJ-209", "только о других учениках", "with other pupils only (1)"),
    )
    yield Bad(
        "nobody",
        lambda call: call.answer(envelope([])),
        *(SourceSuspiciouslyEmpty, "EJ-205", "пустотой", "with nothing, where 4 records are known"),
    )
    yield Bad(
        "another shape",
        page('{{"response": {{"state": 200, "result": {{"students": {{"1001": {{"lessons": "{}"}}}}}}}}}}'),
        *(ContractViolation, "EJ-301", "eljur/v1/getmarks", "broke the contract eljur/v1/getmarks"),
    )
    people = {"method": "getmessagereceivers", "feed": Feed.ROSTER}
    nobody = (SourceSuspiciouslyEmpty, "EJ-205", "пустотой", "with nothing")
    yield Bad("log-in page for people", page(LOG_IN), *wrong, "страница входа", "a log-in page", **people)
    yield Bad("no people", lambda call: call.answer(envelope([])), *nobody, **people)


CASES = list(_cases())


class School:
    """A world whose journal is the hostile one; it has been read well once."""

    def __init__(self, folder, journal, bad):
        self.world = World(folder)
        config = {
            "type": "eljur",
            "base_url": f"{journal.address}/apiv3",
            "vendor": "vydumka",
            "devkey": "env:BAD_DEVKEY",
            "accounts": [{"name": "bridge", "login": "bridge-login", "password": "env:BAD_PASSWORD"}],
        }
        limits = Limits(attempts=2, total_s=bad.total_s, body_bytes=bad.cap)
        wiring = self.world.wiring
        digest = wiring.keyring.fingerprint
        around = Surroundings(wiring.clock, Random(1), contracts(), digest, DictMemory(), wiring.zone)
        self.source = open_source(EljurConfig.model_validate(config), around, limits)
        self.wiring = replace(wiring, source=self.source)

    def read(self, feed=Feed.MARKS):
        """Read a feed once."""
        return sync_feed(self.wiring, feed, WANTED)

    def live(self):
        """How many records of each kind are known."""
        with self.world.tx() as tx:
            return dict(tx.records.live_counts())

    def close(self):
        """Close everything."""
        self.source.close()
        self.world.close()


@pytest.fixture
def journal():
    """A hostile journal that behaves so far."""
    with hostile_journal() as running:
        yield running


@pytest.fixture
def school(tmp_path, monkeypatch, journal):
    """Open schools; they are closed after the test."""
    monkeypatch.setenv("BAD_DEVKEY", DEVKEY)
    monkeypatch.setenv("BAD_PASSWORD", PASSWORD)
    opened = []

    def make(bad):
        opened.append(School(tmp_path, journal, bad))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def log():
    """The log of this process, as JSON lines in memory."""
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def spoken(monkeypatch, capsys):
    """Render an error as an operator sees it, in one language."""
    monkeypatch.setenv("LANGUAGE", "")

    def render(error, language):
        use_language(language)
        explain(error)
        shown = capsys.readouterr().err
        return shown, json.dumps(told(error), ensure_ascii=False)

    yield render
    use_language("en")


def everything_said(error, log, school):
    """Every text that the error leaves behind beside its sentences."""
    structlog.get_logger("ejsync.daemon").error("cycle.failed", exc_info=error)
    audit = json.dumps([dict(entry.details) for entry in school.world.audit()], ensure_ascii=False, default=str)
    return "\n".join([str(error), repr(error), *traceback.format_exception(error), log.getvalue(), audit])


@pytest.mark.parametrize("bad", CASES, ids=[bad.name for bad in CASES])
def test_bad_input_is_a_typed_error_and_no_deletion(school, journal, log, spoken, bad):
    """Each bad answer is its own error with a sentence and a next command in two languages; nothing is concluded."""
    there = school(bad)
    assert not there.read(Feed.ROSTER).errors
    assert not there.read().errors
    before = there.live()
    assert before[Kind.MARK] == 4
    journal.misbehave[bad.method] = bad.act
    report = there.read(bad.feed)
    assert {(type(error), error.code) for error in report.errors} == {(bad.kind, bad.code)}
    assert there.live() == before
    assert report.counts["retracted"] == report.counts["held"] == 0
    error = report.errors[0]
    russian, english = spoken(error, "ru"), spoken(error, "en")
    for shown, words in ((russian, bad.ru), (english, bad.en)):
        assert shown[0].startswith(f"{bad.code}  ")
        assert words in shown[0], shown[0]
        assert re.search(r"\n→ .*ejsync \w+", shown[0])
    assert re.search("[а-я]", russian[0].splitlines()[0])
    said = "\n".join([*russian, *english, everything_said(error, log, there)])
    assert [secret for secret in SECRETS if secret in said] == []
    assert QUERY.findall(said) == []
    assert not any("stolen" in path or "again=1" in path for path in journal.asked)
    journal.misbehave.clear()
    there.world.clock.move(minutes=1)  # a host that let two reads wait in vain is left alone for a while
    healed = there.read(bad.feed)
    assert (healed.errors, there.live()) == ([], before)


def test_a_sign_in_that_is_refused_repeats_nothing(school, journal, log, spoken):
    """A service that quotes our query in its refusal is not quoted; the account fails and its records stay."""
    there = school(CASES[0])
    for feed in (Feed.ROSTER, Feed.MARKS):
        there.read(feed)
    before = there.live()
    journal.misbehave.update(getmarks=refusal(403), auth=expired_then_refused)
    error = there.read().errors[0]
    assert (type(error), error.reason[:9]) == (SourceAuthFailed, "state=400")
    said = "\n".join([*spoken(error, "ru"), *spoken(error, "en"), everything_said(error, log, there)])
    assert [secret for secret in SECRETS[:-1] if secret in said] == []
    assert QUERY.findall(said) == []
    assert there.live() == before


def test_a_partial_answer_counts_the_strangers(school, journal):
    """Where one of two pupils came with a stranger, his marks are taken, the stranger is counted, nobody is gone."""
    there = school(CASES[0])
    for feed in (Feed.ROSTER, Feed.MARKS):
        there.read(feed)
    before = there.live()
    journal.misbehave["getmarks"] = lambda call: Call.answer(call, envelope(marks("1001", "2001")))
    report = there.read()
    assert report.counts["passed_over.foreign_pupil"] == report.counts["passed_over.silent_pupil"] == 1
    assert there.live() == before
