"""Target: exported audit logs; our reader and the outsiders' verifier must come to the same end."""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ejsync.cli.audit_check import Elsewhere, check_export
from ejsync.domain.fingerprints import canonical
from ejsync.errors import AuditBroken, BadInput
from tests.fuzz.mutation import CANARY, grafted, spelt, torn
from tests.fuzz.running import Target

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import verify_audit

_EXAMPLE = Path(__file__).parents[1] / "independent" / "audit-example.jsonl"
_KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
_AT = "2026-11-16T08:02:00.000000Z"


@cache
def corpus():
    """The lines of the example of docs/audit-format.md."""
    return tuple(json.loads(line) for line in _EXAMPLE.read_text("utf-8").splitlines())


def mutant(rng):
    """A log with broken lines or bytes, or one that was signed well and holds what no log of ours does."""
    way = rng.random()
    if way < 0.3:
        return _signed(grafted(rng, {**corpus()[rng.choice((0, 1, 3))]["details"], "told": CANARY}))
    lines = list(corpus())
    if way < 0.75:
        at = rng.randrange(len(lines))
        lines[at] = grafted(rng, lines[at])
    broken = [json.dumps(line, sort_keys=True).encode() for line in lines]
    if way < 0.4:
        broken[rng.randrange(len(broken))] = spelt(rng, rng.choice(lines))
    content = b"".join(line + b"\n" for line in broken)
    return content if way < 0.75 else torn(rng, content)


def _signed(details):
    """A log of one entry with its checkpoint: whatever it holds, hashes and signature are true."""
    entry = {"school": "lyceum", "seq": 1, "at": _AT, "event": "feed.read", "details": details, "previous": "0" * 64}
    try:
        entry["hash"] = hashlib.sha256(canonical(entry)).hexdigest()
    except (TypeError, ValueError):  # no log of ours holds it: half a character, more than 64 bits, 254 levels
        entry["hash"] = "0" * 64
    root = hashlib.sha256(b"\0" + bytes.fromhex(entry["hash"])).hexdigest()
    key = _KEY.public_key().public_bytes_raw().hex()
    signature = _KEY.sign(f"ejsync audit v1\nlyceum\n1\n1\n{root}\n{_AT}\n".encode()).hex()
    told = {"school": "lyceum", "number": 1, "size": 1, "root": root, "at": _AT, "key": key, "signature": signature}
    return "".join(json.dumps(line, sort_keys=True) + "\n" for line in (entry, {"checkpoint": told})).encode()


def _extremes():
    yield _signed({"told": "а"})
    yield from (b"", b"\n", b"\0\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b'{"a":' * 100_000 + b"\n", b"\n" * 300_000)
    yield from (b'{"seq": ' + b"9" * 5000 + b"}\n", b'{"checkpoint": []}\n', b"null\n", b"1e999\n", b'"\\ud800"\n')
    for value in (10**30, -(2**63) - 1, 2**64, 2**64 - 1, 2**53 + 1, "\ud800", "\u2028", "\x7f", 10**4000):
        yield _signed({"a": value})
    deep = {}
    for _ in range(400):
        deep = {"a": deep}
    yield _signed(deep)


def execute(content):
    """Verify an export twice, by code that shares nothing; an end that differs is a finding."""
    try:
        logs = verify_audit.verify(content)
        whole = True
    except verify_audit.Wrong as error:
        whole, logs = False, str(error)
    try:
        found = check_export(content, "audit.jsonl", Elsewhere())
    except (AuditBroken, BadInput):
        assert not whole, "only the outsiders' verifier takes it for whole"
        raise
    assert whole, "only our reader takes it for whole"
    assert [(one["school"], one["entries"]) for one in found] == [(log.school, log.size) for log in logs]
    return ""


def target():
    """Exported audit logs."""
    return Target("audit", (AuditBroken, BadInput), tuple(_extremes()), mutant, execute)
