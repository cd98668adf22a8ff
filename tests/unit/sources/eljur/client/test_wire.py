"""The wire: pace, retries, errors without secrets."""

import httpx
import pytest

from ejsync.errors import SourceThrottled, SourceUnavailable
from ejsync.sources.eljur.client.wire import Wire
from ejsync.transport import Limits


@pytest.fixture
def wire(clock, settings, eljur):
    """A wire to the scripted ElJur, three tries a read."""
    from random import Random

    wire = Wire(settings(), clock=clock, rng=Random(1), limits=Limits(attempts=3, longest_wait_s=20))
    yield wire
    wire.close()


def test_method_and_parameters_travel_in_the_query(wire, eljur):
    """A read is a GET of the lower-case method with its parameters."""
    eljur.standing["getmarks"] = {"students": []}
    assert wire.ask("getmarks", {"student": "1001"}).result == {"students": []}
    assert eljur.asked == [("getmarks", {"student": "1001"})]


def test_requests_are_paced(wire, eljur, clock):
    """Two reads start at least the configured pause apart."""
    for _ in range(3):
        wire.ask("getrules", {})
    assert round(clock.monotonic(), 3) == 0.6


def test_a_fault_that_passes_is_not_noticed(wire, eljur):
    """An outage shorter than the tries costs time only."""
    eljur.queued["getrules"] = [httpx.ConnectError("refused"), httpx.Response(200, text="<html>")]
    assert wire.ask("getrules", {}).state == 200
    assert eljur.calls() == {"getrules": 3}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.ConnectError("no route to devkey=secret"), "no connection"),
        (httpx.Response(200, text="<html>secret</html>"), "an HTML page instead of an answer"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.invalid/?devkey=secret"}), "redirected"),
        (httpx.Response(200, content=b'{"response": secret'), "JSON that does not parse"),
        (
            httpx.Response(500, text="secret"),
            "state 500: an unknown school sub-domain, or a failure of the service",
        ),
    ],
)
def test_failures_carry_no_secret(wire, eljur, names, answer, reason):
    """After the last try the error names host, method and reason, and nothing of the URL or the body."""
    eljur.standing["getmarks"] = answer
    with pytest.raises(SourceUnavailable) as caught:
        wire.ask("getmarks", {"devkey": "secret"})
    assert caught.value.facts() == {"host": names.host, "method": "getmarks", "reason": reason}
    assert "secret" not in f"{caught.value!s}{caught.value.sentence()}"
    assert eljur.calls() == {"getmarks": 3}


@pytest.mark.parametrize("status", [429, 503])
def test_the_host_may_ask_to_wait(wire, eljur, clock, status):
    """`Retry-After` is obeyed before the next try, by everyone who asks this host."""
    eljur.queued["getrules"] = [httpx.Response(status, headers={"Retry-After": "7"})]
    assert wire.ask("getrules", {}).state == 200
    assert clock.monotonic() >= 7


def test_lasting_throttling_is_its_own_error(wire, eljur):
    """A host that keeps asking to wait is reported as throttling, with the time it asked for."""
    eljur.standing["getrules"] = httpx.Response(429, headers={"Retry-After": "3"})
    with pytest.raises(SourceThrottled) as caught:
        wire.ask("getrules", {})
    assert caught.value.retry_after_s == 3.0


def test_a_refusal_is_not_retried(wire, eljur):
    """A 4xx is an answer: it is handed back at once."""
    eljur.standing["auth"] = eljur.refused(400)
    assert wire.ask("auth", {}).state == 400
    assert eljur.calls() == {"auth": 1}
