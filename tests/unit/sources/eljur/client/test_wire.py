"""The wire: pace, retries, errors without secrets."""

from contextlib import suppress
from random import Random

import httpx
import pytest

from ejsync.errors import SourceThrottled, SourceUnavailable
from ejsync.sources.eljur.client.pacing import FAILING, HELD, SETTING, THROTTLED, Pace
from ejsync.sources.eljur.client.wire import Wire
from ejsync.transport import Limits


@pytest.fixture
def wire(clock, settings, eljur):
    """A wire to the scripted ElJur, three tries a read."""
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
        (
            httpx.Response(200, text="<html>secret</html>"),
            "an HTML page instead of an answer: maintenance, or the school's journal is closed",
        ),
        (
            httpx.Response(302, headers={"Location": "https://elsewhere.invalid/?devkey=secret"}),
            "redirected to another host, which is never followed",
        ),
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


def test_a_host_that_cannot_be_reached_is_left_alone_for_a_while(wire, eljur, clock):
    """After one read tried in vain the others fail at once, for half a minute; then it is asked again."""
    eljur.standing["getmarks"] = httpx.ConnectError("refused")
    eljur.standing["getrules"] = {}
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            wire.ask("getmarks", {})
    assert eljur.calls() == {"getmarks": 3}
    clock.sleep(30)
    assert wire.ask("getrules", {}).state == 200


def test_a_host_that_stays_silent_is_left_alone_after_two_reads(wire, eljur):
    """One read without an answer may have been too heavy; after a second one in a row nobody waits any more."""
    eljur.standing["getmarks"] = httpx.ReadTimeout("silent")
    for _ in range(4):
        with pytest.raises(SourceUnavailable):
            wire.ask("getmarks", {})
    assert eljur.calls() == {"getmarks": 6}


def test_a_host_that_answers_nonsense_is_asked_again(wire, eljur):
    """What answers is there: one window without an answer keeps no other from being read."""
    eljur.standing["getmarks"] = httpx.Response(500, text="nothing")
    with pytest.raises(SourceUnavailable):
        wire.ask("getmarks", {})
    eljur.standing["getmarks"] = {"students": []}
    assert wire.ask("getmarks", {}).state == 200


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


def test_a_long_wait_is_not_slept_and_nobody_is_asked_meanwhile(wire, eljur, clock):
    """A host that asks for more than one read may wait is left alone until then, by every read of every school."""
    eljur.queued["getrules"] = [httpx.Response(503, headers={"Retry-After": "600"})]
    for _ in range(3):
        with pytest.raises(SourceThrottled) as caught:
            wire.ask("getrules", {})
        assert caught.value.retry_after_s == 600.0
    assert (eljur.calls(), clock.monotonic(), wire.pace()) == ({"getrules": 1}, 0.0, Pace(600.0, HELD))
    clock.elapsed_s = 600.0
    assert wire.ask("getrules", {}).state == 200


def test_a_date_to_wait_for_is_obeyed(wire, eljur, clock):
    """`Retry-After` as a date holds until that moment."""
    eljur.queued["getrules"] = [httpx.Response(429, headers={"Retry-After": "Mon, 16 Nov 2026 06:00:09 GMT"})]
    assert wire.ask("getrules", {}).state == 200
    assert clock.monotonic() == 9


@pytest.mark.parametrize(
    ("answer", "pace"),
    [
        (httpx.ConnectTimeout("late"), Pace(0.6, FAILING)),
        (httpx.Response(500), Pace(0.6, FAILING)),
        (httpx.Response(200, text="<html>"), Pace(0.6, FAILING)),
        (httpx.Response(503), Pace(1.2, THROTTLED)),
        (httpx.Response(429), Pace(1.2, THROTTLED)),
        (httpx.Response(200, json={"response": {"state": "429"}}), Pace(1.2, THROTTLED)),
        (httpx.Response(403, json={"response": {"state": 403}}), Pace(0.3, SETTING)),
        (httpx.Response(200, json={"response": {"state": 200}}), Pace(0.3, SETTING)),
    ],
)
def test_the_pace_follows_what_came(wire, eljur, monkeypatch, answer, pace):
    """Failures and refusals to serve slow the host down, answers and refused rights do not."""
    monkeypatch.setattr(wire, "_limits", Limits(attempts=1))
    eljur.standing["getmarks"] = answer
    with suppress(SourceUnavailable):
        wire.ask("getmarks", {})
    assert wire.pace() == pace


def test_an_answer_over_the_cap_is_no_sign_of_trouble(settings, eljur, clock):
    """Who sends more than may be taken in is well, and is not slowed down for it."""
    wire = Wire(settings(), clock=clock, rng=Random(1), limits=Limits(body_bytes=10))
    eljur.standing["getmarks"] = httpx.Response(200, content=b"x" * 11)
    with pytest.raises(SourceUnavailable):
        wire.ask("getmarks", {})
    assert wire.pace() == Pace(0.3, SETTING)
    wire.close()


def test_a_refusal_is_not_retried(wire, eljur):
    """A 4xx is an answer: it is handed back at once."""
    eljur.standing["auth"] = eljur.refused(400)
    assert wire.ask("auth", {}).state == 400
    assert eljur.calls() == {"auth": 1}
