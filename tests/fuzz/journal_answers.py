"""Target: answers of ElJur, from the bytes on the wire to records that keep their contracts."""

from dataclasses import dataclass
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx

from ejsync.domain.fingerprints import Keyring
from ejsync.domain.windows import Window
from ejsync.errors import ContractViolation, SourceError
from ejsync.pipeline.normalise import normalise
from ejsync.sources.eljur.client.rights import masked, parse_rights
from ejsync.sources.eljur.client.strangers import refuse_strangers
from ejsync.sources.eljur.client.tokens import parse_end
from ejsync.sources.eljur.client.wire import Wire
from ejsync.sources.eljur.config import EljurConfig
from ejsync.sources.eljur.mapping import read
from ejsync.transport import Limits
from tests.doubles.clock import VirtualClock
from tests.doubles.journal import CONTRACTS, WAYS, PaperJournal, page
from tests.fuzz.mutation import CANARY, grafted, marked, spelt, torn, trimmed
from tests.fuzz.running import Target

CONFIG = EljurConfig.model_validate(
    {
        "type": "eljur",
        "base_url": "https://school.invalid/apiv3",
        "vendor": "school",
        "devkey": "env:NONE",
        "accounts": [{"name": "bridge", "login": "bridge", "password": "env:NONE"}],
    }
)
WIRING = SimpleNamespace(contracts=CONTRACTS, keyring=Keyring.from_master(b"k" * 32))
_QUIRKS = ((), ("all",))
_HEADERS = (
    ("retry-after", (b"9" * 400, b"-1", b"Mon, 99 Abc 2026", b"inf", b"\xd9\xa3", b"Fri, 31 Dec 9999 23:59:59 -9999")),
    ("content-encoding", (b"gzip", b"br", b"identity, gzip", b"\xff")),
    ("location", ("http://[", "//other.invalid/", "?devkey=" + CANARY, "http://school.invalid:99999999/")),
    ("set-cookie", (f"a={CANARY}; Domain=.invalid", "=;;;", "a=b; expires=Mon")),
    ("content-type", ("text/html; charset=cp1251", "application/json; charset=\0")),
)


@dataclass(frozen=True)
class Told:
    """An answer, and what was asked."""

    method: str
    window: Window | None
    roster: Any
    status: int
    headers: Any
    body: bytes


@cache
def corpus():
    """Answers of three invented schools to every read, plain and with all quirks at once, and of the sign-in."""
    made = []
    for seed in (1, 2, 3):
        journal = PaperJournal(seed)
        for quirks in _QUIRKS:
            journal.dialect.quirks.switch(quirks)
            for way in WAYS:
                window = journal.window(way)
                made.append((way.method, window, journal.roster, marked(trimmed(journal.ask(window)))))
        made.extend((name, None, journal.roster, tree) for name, tree in _without_window(journal))
    return tuple(made)


def _without_window(journal):
    pupils = {pupil: {"rules": ["getmarks", "getdiary"]} for pupil in next(iter(journal.roster.classes.values()))[:2]}
    groups = {"10А": {"rules": ["getschedule"]}}
    yield "getrules", {"roles": ["administrator"], "relations": {"students": pupils, "groups": groups}}
    yield "auth", {"token": "a1b2c3" * 6, "expires": "2027-02-16 10:00:00"}


def mutant(rng: Random):
    """An answer that nobody's ElJur gives."""
    method, window, roster, tree = rng.choice(corpus())
    whole = {"response": {"state": 200, "error": None, "result": tree}}
    broken = grafted(rng, whole if rng.random() < 0.15 else whole["response"]["result"] or {"x": 1})
    body = spelt(rng, broken if "response" in broken else {"response": {"state": 200, "result": broken}})
    if rng.random() < 0.2:
        body = torn(rng, body)
    status = rng.choice((200,) * 9 + (rng.choice((204, 301, 400, 403, 404, 429, 500, 503)),))
    headers = {name: rng.choice(values) for name, values in _HEADERS if rng.random() < 0.03}
    return Told(method, window, roster, status, headers, body)


def _extremes():
    window = PaperJournal(1).window(WAYS[7])
    deep, wide = 100_000, 200_000
    for body in (
        *(b"", b"\0" * 1000, b"\xff\xfe" * 500, b"[" * deep, b'{"response":' * deep, b"-" + b"9" * deep),
        *(b'{"response":{"state":' + b"9" * 5000 + b',"result":[]}}', b"<input " * 20_000, b"<input type" * 20_000),
        b'{"response":{"state":200,"result":{"students":{"1":{"lessons":' + b"[" * 900 + b"]" * 900 + b"}}}}}",
        b'{"response":{"state":200,"result":{"students":[' + b"{}," * wide + b"{}]}}}",
        b'{"response":{"state":200,"result":{"students":{' + b'"a":1,' * wide + b'"b":{}}}}}',
        b'{"response":{"state":"' + b"9" * 5000 + b'","result":[]}}',
    ):
        yield Told("getmarks", window, PaperJournal(1).roster, 200, {}, body)


def execute(told: Told) -> str:
    """Ask, open, check, read and normalise, as the client and the pipeline do."""

    def answered(_):
        return httpx.Response(told.status, headers=told.headers, stream=httpx.ByteStream(told.body))

    limits = Limits(attempts=1, wire=httpx.MockTransport(answered))
    wire = Wire(CONFIG, clock=VirtualClock(), rng=Random(1), limits=limits)
    try:
        reply = wire.ask(told.method, {"devkey": CANARY})
    finally:
        wire.close()
    if reply.state != 200:
        return ""
    contract = f"eljur/v1/{told.method}"
    if pointers := CONTRACTS.faults(contract, reply.result):
        raise ContractViolation(contract=contract, pointers=masked(pointers))
    if told.window is None:
        return _without_page(told.method, reply.result)
    reading = read(refuse_strangers(page(told.window, reply.result)), told.roster)
    normal = normalise(WIRING, reading.records)
    return f"{reading.passed_over} {reading.drift} {[one.pointers for one in normal.broken]}"


def _without_page(method, result):
    if method == "auth":
        parse_end(result.get("expires"))
    else:
        parse_rights("bridge", result)
    return ""


def target():
    """ElJur's answers."""
    return Target("journal", (SourceError, ContractViolation), tuple(_extremes()), mutant, execute)
