"""Each fault of a network, played on real sockets between the real client and the diary in a process of its own.

Whatever happens to the line, the outcome of the batch is unknown, the same bytes go again under the same key, and the
diary shows one effect.
"""

import ipaddress
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zlib import crc32

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ejsync.domain.batches import BatchState
from ejsync.errors import SinkUnavailable, SinkUntrusted
from ejsync.sandbox.processes import diary_process
from ejsync.sinks.ed.client import EdSink
from ejsync.sinks.ed.config import EdConfig
from ejsync.transport import SILENT, TOO_LONG, UNCONNECTED, UNREACHED, Limits
from tests.doubles.broken_line import broken_line, tls_context
from tests.doubles.records import mark, marks
from tests.doubles.world import World

pytestmark = pytest.mark.slow

MARKS = [mark(lesson_id=str(number)) for number in range(3)]
LATE = (TOO_LONG, SILENT)
BROKE_OFF = "the connection broke off"
UNREADABLE = "unreadable receipt"


@dataclass(frozen=True)
class Fault:
    """One way in which a line fails.

    Attributes:
        play: what the line does with the first connection.
        reason: what the error says; nothing where the answer is good all the same.
        applied: whether the diary has applied the batch when the fault is over.
    """

    name: str
    play: Callable
    reason: str | tuple[str, ...] = ()
    applied: bool = True


def _kept(answer):
    """Return an answer that says nothing of closing."""
    head, end, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join(lines) + end + body


def _heads(answer, old, new):
    head, end, body = answer.partition(b"\r\n\r\n")
    return head.replace(old, new) + end + body


def _with_length(answer, change):
    """Return an answer whose length is told otherwise."""
    body = answer.partition(b"\r\n\r\n")[2]
    return _heads(answer, b"content-length: %d" % len(body), b"content-length: %d" % change(len(body)))


def _in_chunks(answer, *, size=7, end=b"0\r\n\r\n"):
    body = answer.partition(b"\r\n\r\n")[2]
    head = _heads(answer, b"content-length: %d" % len(body), b"transfer-encoding: chunked").partition(b"\r\n\r\n")[0]
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return head + b"\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


def _without_length(answer):
    """Return an answer that ends with the connection, as HTTP/1.0 had it."""
    body = answer.partition(b"\r\n\r\n")[2]
    return _heads(answer, b"content-length: %d\r\n" % len(body), b"").replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def _twice(line):
    request = line.hear()
    line.ask(request)
    line.say(line.ask(request))


def _then(*deeds):
    """Do one thing after another with a line."""
    return lambda line: [deed(line) for deed in deeds]


def _answers(change):
    """Let the diary answer, and change what it says."""
    return lambda line: line.say(change(line.carry()))


def _says(content):
    return _then(lambda line: line.hear(), lambda line: line.say(content))


HTML = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>"
RESET, STALL = (lambda line: line.reset()), (lambda line: line.stall())
HEAR, CARRY = (lambda line: line.hear()), (lambda line: line.carry())
FAULTS = [
    Fault("reset before the request", RESET, (BROKE_OFF, UNCONNECTED), applied=False),
    Fault("reset within the request", _then(lambda line: line.hear(100), RESET), BROKE_OFF, applied=False),
    Fault("reset after the request", _then(HEAR, RESET), BROKE_OFF, applied=False),
    Fault("closed after the request", HEAR, BROKE_OFF, applied=False),
    Fault("stalls without an answer", _then(HEAR, STALL), LATE, applied=False),
    Fault("stalls without reading", STALL, LATE, applied=False),
    Fault("another protocol", _says(b"SSH-2.0-OpenSSH_9.6\r\n"), BROKE_OFF, applied=False),
    Fault("another page", _says(HTML), UNREADABLE, applied=False),
    Fault("only a hint", _says(b"HTTP/1.1 103 Early Hints\r\n\r\n"), BROKE_OFF, applied=False),
    Fault("reset instead of the answer", _then(CARRY, RESET), BROKE_OFF),
    Fault("closed instead of the answer", CARRY, BROKE_OFF),
    Fault("stalls instead of the answer", _then(CARRY, STALL), LATE),
    Fault("half of the headers", _answers(lambda answer: answer[:40]), BROKE_OFF),
    Fault("half of the headers, then silence", _then(_answers(lambda answer: answer[:40]), STALL), LATE),
    Fault("half of the body", _answers(lambda answer: answer[:-20]), BROKE_OFF),
    Fault("half of the body, then silence", _then(_answers(lambda answer: answer[:-20]), STALL), LATE),
    Fault("half of the body, then a reset", _then(_answers(lambda answer: answer[:-20]), RESET), BROKE_OFF),
    Fault("a drip", lambda line: line.drip(line.carry()), LATE),
    Fault("too large a length", _answers(lambda answer: _with_length(answer, lambda size: size + 9)), BROKE_OFF),
    Fault("too small a length", _answers(lambda answer: _with_length(answer, lambda size: size - 9)), UNREADABLE),
    Fault("half of a body without length", _answers(lambda answer: _without_length(answer)[:-20]), UNREADABLE),
    Fault("chunks without end", _answers(lambda answer: _in_chunks(answer, end=b"")), BROKE_OFF),
    Fault("chunks of nonsense", _answers(lambda answer: _in_chunks(answer, end=b"zz\r\n??")), BROKE_OFF),
    Fault("a chunk of too much", _answers(lambda answer: _in_chunks(answer, end=b"5\r\n1234567\r\n")), BROKE_OFF),
    Fault("bytes after the answer", _answers(lambda answer: answer + b"\x00HTTP/1.1 500 no\r\n\r\n")),
    Fault("delivered twice", _twice),
    Fault("100 before the answer", _answers(lambda answer: b"HTTP/1.1 100 Continue\r\n\r\n" + answer)),
    Fault("103 before the answer", _answers(lambda answer: b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer)),
    Fault("HTTP/1.0 without a length", _answers(_without_length)),
    Fault("good chunks", _answers(_in_chunks)),
]


@pytest.fixture(scope="module")
def diary(tmp_path_factory):
    """The diary in a process of its own."""
    with diary_process(seed=1, folder=tmp_path_factory.mktemp("diary")) as running:
        yield running


@pytest.fixture
def stack():
    """What is open until the end of the test."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def school(diary, stack, tmp_path, monkeypatch, request):
    """Connect a school of the test's own with the diary behind a broken line; three marks wait."""
    monkeypatch.setenv("DIARY_TOKEN", diary.announced["token"])

    def connect(address=None, *, tls=None, **limits):
        server = urlsplit(diary.announced["base_url"])
        proxy = stack.enter_context(broken_line((server.hostname, server.port), tls=tls))
        scheme = "https" if tls else "http"
        host, port = address or proxy.address
        config = {"type": "ed", "base_url": f"{scheme}://{host}:{port}", "token": "env:DIARY_TOKEN"}
        world = World(tmp_path)
        bounds = Limits(**{"total_s": 30.0, "connect_s": 30.0, **limits})
        sink = EdSink(EdConfig.model_validate(config), clock=world.clock, limits=bounds)
        stack.callback(world.close)
        stack.callback(sink.close)
        name = f"school-{crc32(request.node.nodeid.encode()):x}"
        world.wiring = replace(world.wiring, school=name, sinks={"ed": sink})
        world.consent("1001")
        world.read(marks(["1001"], *MARKS))
        return world, proxy

    return connect


def held(diary, world):
    """How many marks the diary holds of a school."""
    return sum(record["school"] == world.wiring.school for record in diary.state()["records"])


def failed(world, reason, kind=SinkUnavailable):
    """Deliver once and check what was told of it: the kind of failure, its reason, and that the batch waits."""
    [error] = world.deliver("ed").errors
    assert isinstance(error, kind)
    assert error.reason.startswith(reason), error.reason
    [row] = world.batches()
    assert (row.state, row.attempts) == (BatchState.PENDING, 1)


def arrives(diary, world, before):
    """Let time pass and check that the same batch arrives, once."""
    after = _rested(diary, world)
    [row] = world.batches()
    assert (row.state, held(diary, world)) == (BatchState.DELIVERED, len(MARKS))
    counted = {name: after[name] - before[name] for name in ("batches", "applied", "doubled", "version_regressions")}
    assert counted == {"batches": 1, "applied": len(MARKS), "doubled": 0, "version_regressions": 0}
    return after["replayed"] - before["replayed"]


def _rested(diary, world):
    """Let time pass and deliver with as much patience as a busy machine may ask for."""
    hasty = world.wiring.sinks["ed"]
    limits = replace(hasty._transport._limits, total_s=60.0, connect_s=60.0)
    with closing(EdSink(hasty._config, clock=world.clock, limits=limits)) as patient:
        world.wiring = replace(world.wiring, sinks={"ed": patient})
        world.clock.move(minutes=45)
        assert world.deliver("ed").errors == []
    return diary.state()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_broken_line_has_one_effect(school, diary, fault):
    """After each fault the error is typed, the outcome unknown, and the same batch again has one effect in all."""
    world, proxy = school(total_s=1.0 if fault.reason == LATE else 30.0)
    before = diary.state()
    proxy.faults.append(fault.play)
    if fault.reason:
        failed(world, fault.reason)
        assert proxy.over.wait(30)
        assert held(diary, world) == (len(MARKS) if fault.applied else 0)
    else:
        assert world.deliver("ed").errors == []
    again = arrives(diary, world, before)
    assert again == (1 if fault.applied and fault.reason else fault.name == "delivered twice")


def test_a_line_that_is_kept_and_then_closed_loses_nothing(school, diary):
    """Closed by the other side between two requests, a kept connection is given up and the next batch goes its way."""
    world, proxy = school(total_s=30.0)
    before = diary.state()
    proxy.faults.append(_answers(_kept))
    assert world.deliver("ed").errors == []
    world.read(marks(["1001"], *MARKS[:2], mark(raw="2", lesson_id="2")))
    assert world.deliver("ed").errors == []
    after = diary.state()
    assert (proxy.connections, after["applied"] - before["applied"], after["doubled"]) == (2, 4, 0)


def test_a_kept_line_that_is_torn_at_the_next_request_is_an_unknown_outcome(school, diary):
    """Torn while the second request is on its way, a kept connection costs one attempt, and nothing twice."""
    world, proxy = school(total_s=30.0)
    keep = _answers(_kept)
    proxy.faults.append(_then(keep, CARRY, RESET))
    assert world.deliver("ed").errors == []
    before = diary.state()
    world.read(marks(["1001"], *MARKS[:2], mark(raw="2", lesson_id="2")))
    [error] = world.deliver("ed").errors
    assert (type(error), error.reason, proxy.connections) == (SinkUnavailable, BROKE_OFF, 1)
    after = _rested(diary, world)
    counted = {name: after[name] - before[name] for name in ("applied", "replayed", "batches", "doubled")}
    assert counted == {"applied": 1, "replayed": 1, "batches": 1, "doubled": 0}


def test_a_port_that_nobody_listens_on_is_no_connection(school, diary):
    """A refused connection is told as such; nothing is applied, and the batch waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()
    world, _ = school(nobody)
    failed(world, UNCONNECTED)
    assert held(diary, world) == 0


# -- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path):
    """Make a self-signed certificate for an address or a name; returns its file and the server's context."""

    def make(name):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "diary")])
        try:
            whose = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            whose = x509.DNSName(name)
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([whose]), critical=False)
            .sign(key, hashes.SHA256())
        )
        public, private = tmp_path / "diary.pem", tmp_path / "diary.key"
        public.write_bytes(built.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return public, tls_context(public, private)

    return make


HANDSHAKES = {
    "stalls": (STALL, UNREACHED, SinkUnavailable),
    "speaks plainly": (lambda line: line.say(HTML), "what answers there speaks no TLS", SinkUntrusted),
    "is reset": (RESET, UNCONNECTED, SinkUnavailable),
}


@pytest.mark.parametrize(
    ("name", "trusted", "reason"),
    [("127.0.0.1", False, "its certificate is signed by itself"), ("other.example", True, "its certificate is for")],
    ids=["nobody's", "other"],
)
def test_a_certificate_that_proves_nothing_is_no_connection(*, school, diary, certificate, name, trusted, reason):
    """A certificate signed by nobody we trust, or for another host: nothing of a batch is sent there."""
    public, context = certificate(name)
    world, _ = school(tls=context, total_s=30.0, ca_bundle=public if trusted else None)
    failed(world, reason, SinkUntrusted)
    assert held(diary, world) == 0


@pytest.mark.parametrize("deed", HANDSHAKES)
def test_a_handshake_that_comes_to_nothing_is_no_connection(school, diary, certificate, deed):
    """A handshake that stalls, is answered in the clear or is torn: told as such, and the next attempt arrives."""
    public, context = certificate("127.0.0.1")
    world, proxy = school(tls=context, connect_s=0.4, total_s=30.0, ca_bundle=public)
    before, (does, reason, kind) = diary.state(), HANDSHAKES[deed]

    def play(line):
        does(line)

    play.before_tls = True
    proxy.faults.append(play)
    failed(world, reason, kind)
    assert arrives(diary, world, before) == 0


def test_a_tls_line_that_is_torn_after_the_batch_has_one_effect(school, diary, certificate):
    """Torn under TLS after the diary applied it, the batch is settled by the receipt of the first time."""
    public, context = certificate("127.0.0.1")
    world, proxy = school(tls=context, total_s=30.0, ca_bundle=public)
    before = diary.state()
    proxy.faults.append(_then(CARRY, RESET))
    failed(world, BROKE_OFF)
    assert arrives(diary, world, before) == 1
