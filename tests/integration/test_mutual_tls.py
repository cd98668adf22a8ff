"""TLS in both directions over loopback: what a journal or a diary with each certificate leads to, and what is said."""

import shutil
from dataclasses import replace
from itertools import product
from random import Random
from ssl import TLSVersion

import pytest

from ejsync.domain.batches import BatchState
from ejsync.errors import (
    Disposition,
    SinkRefusesCertificate,
    SinkUntrusted,
    SourceRefusesCertificate,
    SourceUntrusted,
)
from ejsync.pipeline.deliver import deliver
from ejsync.sinks import EdConfig, open_sink
from ejsync.sources import EljurConfig
from ejsync.sources.eljur.client.wire import Wire
from ejsync.transport import Limits
from ejsync.wording import use_language
from tests.doubles.authority import CLIENT, ENDED, SERVER, Authority, serving
from tests.doubles.clock import VirtualClock
from tests.doubles.records import mark, marks

VERSIONS = {"1.2": TLSVersion.TLSv1_2, "1.3": TLSVersion.TLSv1_3}
SERVERS = {
    "good": None,
    "none": "what answers there speaks no TLS",
    "other authority": "not trusted here",
    "expired": "its certificate has expired",
    "wrong host": "its certificate is for another host",
}
CLIENTS = {
    "good": None,
    "none": "it asks for a client certificate, and none is set",
    "other authority": "it does not trust the authority that signed our client certificate",
    "expired": "our client certificate has expired",
    "wrong use": "our client certificate is not made for clients",
}


class Certificates:
    """Every certificate of the matrix, by the name of its cell."""

    def __init__(self, folder):
        ours, others = Authority(folder), Authority(folder, "Other CA")
        self.folder, self.bundle = folder, ours.bundle
        self.authority = ours
        self.server = {
            "good": ours.issue("server"),
            "none": None,
            "other authority": others.issue("server-of-other"),
            "expired": ours.issue("server-expired", ends=ENDED),
            "wrong host": ours.issue("server-elsewhere", host="elsewhere.example"),
        }
        self.client = {
            "good": ours.issue("client", use=CLIENT),
            "none": None,
            "other authority": others.issue("client-of-other", use=CLIENT),
            "expired": ours.issue("client-expired", use=CLIENT, ends=ENDED),
            "wrong use": ours.issue("client-misused", use=SERVER),
        }


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """The certificates of all tests here."""
    return Certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def limits(certificates):
    """Bounds under which only the local authority is trusted beside the usual ones."""
    return Limits(ca_bundle=certificates.bundle, attempts=1, total_s=20)


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch):
    """A token, and sentences in English."""
    monkeypatch.setenv("DIARY_TOKEN", "the-diary-token")
    monkeypatch.setenv("LANGUAGE", "")
    use_language("en")


def shown(files):
    """The settings of a client certificate."""
    return {"client_certificate": f"file:{files[0]}", "client_key": f"file:{files[1]}"} if files else {}


def diary(url, files, limits, clock=None):
    """A diary's client."""
    config = EdConfig.model_validate(
        {"base_url": url, "token": "env:DIARY_TOKEN", "compression": "none", **shown(files)}
    )
    return open_sink(config, clock=clock or VirtualClock(), limits=limits)


def asked(side, url, files, limits):
    """Ask a journal or a diary once; return the error, None for an answer."""
    if side == "sink":
        way = diary(url, files, limits)
        ask = lambda: way.ping("school-7")  # noqa: E731 - two ways to ask
    else:
        config = EljurConfig.model_validate(
            {"type": "eljur", "base_url": url, "vendor": "lyceum", "devkey": "env:DIARY_TOKEN", "request_pause_ms": 0,
             "accounts": [{"name": "a", "token": "env:DIARY_TOKEN"}], **shown(files)}
        )  # fmt: skip
        bounds = replace(limits, identity=config.identity)
        way = Wire(config, clock=VirtualClock(), rng=Random(1), limits=bounds)
        ask = lambda: way.ask("getrules", {})  # noqa: E731 - as above
    try:
        ask()
    except (SinkUntrusted, SinkRefusesCertificate, SourceUntrusted, SourceRefusesCertificate) as error:
        return error
    finally:
        way.close()
    return None


@pytest.mark.parametrize("case", [*product(SERVERS, VERSIONS, ["source", "sink"])], ids=", ".join)
def test_a_host_is_proved_or_it_is_told_nothing(case, certificates, limits, tally):
    """Only a host with a good certificate hears a request; of each other an operator reads what is wrong and to do."""
    cell, version, side = case
    with serving(certificates.server[cell], version=VERSIONS[version]) as server:
        error = asked(side, server.url, None, limits)
        heard = [one.path for one in server.asked]
    judge(error, SERVERS[cell], SourceUntrusted if side == "source" else SinkUntrusted, server.url)
    assert bool(heard) is (cell == "good")
    tell(tally, f"server {cell}, {side}, TLS {version}", error)


@pytest.mark.parametrize("case", [*product(CLIENTS, VERSIONS, ["source", "sink"])], ids=", ".join)
def test_a_refused_client_certificate_is_no_reason_to_try_again(case, certificates, limits, tally):
    """A host that refuses our certificate, in the handshake or after it, makes a fault of settings, not a lost line."""
    cell, version, side = case
    with serving(certificates.server["good"], clients=certificates.bundle, version=VERSIONS[version]) as server:
        error = asked(side, server.url, certificates.client[cell], limits)
        heard = len(server.asked)
    judge(error, CLIENTS[cell], SourceRefusesCertificate if side == "source" else SinkRefusesCertificate, server.url)
    assert bool(heard) is (cell == "good")
    tell(tally, f"client {cell}, {side}, TLS {version}", error)


def judge(error, words, kind, url):
    """An error of this kind that names the host, what is wrong and what to do; or none."""
    if words is None:
        assert error is None
        return
    assert type(error) is kind
    assert words in error.sentence()
    assert url in error.sentence()
    assert error.disposition is Disposition.HALT
    assert error.remedy() not in {"", "ejsync doctor"}


def tell(tally, cell, error):
    """Note what an operator reads."""
    tally.append(f"mtls: {cell}: " + (f"{error.code} {error.sentence()} → {error.remedy()}" if error else "answered"))


@pytest.mark.parametrize("page", ["No required SSL certificate was sent", "The SSL certificate error"])
def test_the_page_of_nginx_is_a_refusal_of_the_certificate(page, certificates, limits):
    """A front that ends TLS and says so in a page of its own says the same as one that breaks off."""
    with serving(certificates.server["good"]) as server:
        server.page = 400, f"<html><head><title>400 {page}</title></head></html>".encode()
        assert type(asked("sink", server.url, None, limits)) is SinkRefusesCertificate
        server.page = 400, b"<html><head><title>400 Bad Request</title></head></html>"
        with pytest.raises(Exception, match="HTTP 400"):
            asked("sink", server.url, None, limits)


def test_nothing_is_lost_while_a_certificate_is_refused(world, certificates, limits, tmp_path):
    """A batch waits at the slowest step, the host is asked once, and what is put into the files goes on with it."""
    files = tmp_path / "client.pem", tmp_path / "client.key"
    replaced(files, certificates.client["expired"])
    world.read(marks(["1001"], mark()))
    world.consent("1001")
    with serving(certificates.server["good"], clients=certificates.bundle) as server:
        wiring = replace(world.wiring, sinks={"ed": diary(server.url, files, limits, world.clock)})
        report = deliver(wiring, "ed")
        assert [error.code for error in report.errors] == ["EJ-408"]
        assert len(world.batches(BatchState.PENDING)) == server.handshakes == 1
        assert deliver(wiring, "ed").batches == 0
        assert server.handshakes == 1
        replaced(files, certificates.client["good"])
        world.clock.move(minutes=40)
        assert deliver(wiring, "ed").batches == 1
        wiring.sinks["ed"].close()
    assert world.batches(BatchState.PENDING) == []


def test_a_journal_that_is_not_trusted_is_left_alone(certificates, limits):
    """A cycle of many reads shakes hands once with a host whose certificate is bad."""
    config = EljurConfig.model_validate(
        {"type": "eljur", "base_url": "", "vendor": "lyceum", "devkey": "env:DIARY_TOKEN", "request_pause_ms": 0,
         "accounts": [{"name": "a", "token": "env:DIARY_TOKEN"}]} | {"base_url": "https://127.0.0.1"}
    )  # fmt: skip
    with serving(certificates.server["expired"]) as server:
        config = config.model_copy(update={"base_url": server.url})
        wire = Wire(config, clock=VirtualClock(), rng=Random(1), limits=limits)
        for _ in range(20):
            with pytest.raises(SourceUntrusted):
                wire.ask("getrules", {})
        wire.close()
        assert server.handshakes == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewed_certificate_is_shown_without_a_restart(version, certificates, limits, tmp_path):
    """The very next request after both files were replaced is made with what stands in them."""
    files = tmp_path / "client.pem", tmp_path / "client.key"
    replaced(files, certificates.client["good"])
    with serving(certificates.server["good"], clients=certificates.bundle, version=VERSIONS[version]) as server:
        way = diary(server.url, files, limits)
        serials = []
        for name in ("client", "renewed"):
            replaced(files, certificates.authority.issue(name, use=CLIENT))
            way.ping("school-7")
            serials.append(server.asked[-1].serial)
        way.close()
    assert len(set(serials)) == 2


def test_half_a_renewal_harms_nobody(certificates, limits, tmp_path):
    """Between the replacement of the certificate and that of its key the pair before goes on."""
    files = tmp_path / "client.pem", tmp_path / "client.key"
    replaced(files, certificates.client["good"])
    with serving(certificates.server["good"], clients=certificates.bundle) as server:
        way = diary(server.url, files, limits)
        way.ping("school-7")
        replaced(files[:1], certificates.authority.issue("half", use=CLIENT)[:1])
        way.ping("school-7")
        way.close()
        assert len(server.asked) == 2


def test_a_bundle_put_in_later_is_trusted_without_a_restart(certificates, limits, tmp_path):
    """An authority that was missing counts from the moment it stands in the file."""
    bundle = tmp_path / "bundle.pem"
    shutil.copy(certificates.folder / "Other-CA.pem", bundle)
    with serving(certificates.server["good"]) as server:
        way = diary(server.url, None, replace(limits, ca_bundle=bundle))
        with pytest.raises(SinkUntrusted):
            way.ping("school-7")
        replaced([bundle], [certificates.bundle])
        way.ping("school-7")
        way.close()


def replaced(files, others):
    """Put other files in the place of some, as a renewal does."""
    for file, other in zip(files, others, strict=True):
        fresh = file.with_suffix(".new")
        shutil.copy(other, fresh)
        fresh.replace(file)
