"""Secrets replaced in their files while the process runs: the next use is made with what stands there."""

from base64 import b64encode
from random import Random
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from ejsync.contracts import Contracts
from ejsync.pipeline.ports import Surroundings
from ejsync.sinks import EdConfig, open_sink
from ejsync.sources import EljurConfig, open_source
from ejsync.transport import Limits
from tests.doubles.authority import serving
from tests.doubles.clock import VirtualClock
from tests.doubles.hostile import hostile_journal


class Forgetful:
    """A memory that keeps nothing."""

    def recall(self, _):
        """Nothing was kept."""

    def keep(self, *_):
        """Nothing is kept."""

    def forget(self, _):
        """There is nothing."""


@pytest.fixture
def secret(tmp_path):
    """Put a secret into a file and return the reference; the same name again replaces it."""

    def put(name, value):
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        return f"file:{tmp_path / name}"

    return put


@pytest.fixture
def limits():
    """Each request is made once."""
    return Limits(attempts=1, total_s=20)


@pytest.mark.parametrize(
    ("field", "replaced"),
    [("devkey", "devkey"), ("password", "password"), ("auth_token", "token"), ("devkey", "devkey-each-call")],
)
def test_a_secret_of_the_journal_is_used_at_once(secret, limits, field, replaced):
    """Devkey, password and ready-made token: after the replacement no request carries the old value."""
    account = {"name": "a", "login": "reader"}
    account |= (
        {"token": secret("token", "old-secret")}
        if field == "auth_token"
        else {"password": secret("password", "old-secret")}
    )
    account |= {"sign_in": "each_call"} if replaced.endswith("each-call") else {}
    with hostile_journal() as journal:
        config = EljurConfig.model_validate(
            {"type": "eljur", "base_url": journal.address, "vendor": "lyceum", "devkey": secret("devkey", "old-secret"),
             "accounts": [account], "request_pause_ms": 0}
        )  # fmt: skip
        clock = VirtualClock()
        around = Surroundings(clock, Random(1), Contracts(), lambda _: "", Forgetful(), ZoneInfo("Europe/Moscow"))
        source = open_source(config, around, limits)
        assert len(source.rights()) == 1
        assert given(journal.asked, field) == {"old-secret"}
        journal.asked.clear()
        secret(replaced.partition("-")[0], "new-secret")
        clock.move(hours=400)
        source.renew()
        if field == "password":
            journal.misbehave["getrules"] = expired_once(journal)
        assert len(source.rights()) == 1
        source.close()
    assert given(journal.asked, field) == {"new-secret"}


def expired_once(journal):
    """Refuse the token once, as a journal does whose tokens have run out."""

    def answer(call):
        del journal.misbehave["getrules"]
        call.answer(b'{"response": {"state": 403, "error": "token", "result": null}}')

    return answer


def given(asked, field):
    """The values of a parameter in the paths that were asked for."""
    return {value for path in asked for value in parse_qs(urlsplit(path).query).get(field, ())}


def test_a_token_of_the_diary_is_used_at_once(secret, limits):
    """The next request carries the token that stands in the file."""
    with serving() as server:
        plain = server.url.replace("https:", "http:")
        config = EdConfig.model_validate({"base_url": plain, "token": secret("token", "old-token")})
        sink = open_sink(config, clock=VirtualClock(), limits=limits)
        for name in ("old-token", "new-token"):
            secret("token", name)
            sink.ping("school-7")
        sink.close()
        assert [one.headers["authorization"] for one in server.asked] == ["Bearer old-token", "Bearer new-token"]


def test_a_client_secret_of_the_diary_is_used_at_the_next_sign_in(secret, limits):
    """When the token has run out, the next one is asked for with the secret that stands in the file."""
    with serving() as server:
        plain = server.url.replace("https:", "http:")
        config = EdConfig.model_validate(
            {"base_url": plain, "token_url": f"{plain}/token", "client_id": "c",
             "client_secret": secret("client", "old-secret")}
        )  # fmt: skip
        clock = VirtualClock()
        sink = open_sink(config, clock=clock, limits=limits)
        for name in ("old-secret", "new-secret"):
            secret("client", name)
            clock.move(hours=1)
            sink.ping("school-7")
        sink.close()
        assert [parse_qs(form)["client_secret"] for form in server.forms] == [["old-secret"], ["new-secret"]]


def test_what_a_service_issues_is_masked_like_a_secret(secret, limits):
    """A token that was only just issued stands in no line either, not even in base64."""
    from ejsync.credentials import revealed

    with serving() as server:
        plain = server.url.replace("https:", "http:")
        config = EdConfig.model_validate(
            {
                "base_url": plain,
                "token_url": f"{plain}/token",
                "client_id": "c",
                "client_secret": secret("client", "abcdefgh"),
            }
        )
        sink = open_sink(config, clock=VirtualClock(), limits=limits)
        sink.ping("school-7")
        sink.close()
    masked = revealed.without_secrets(f"issued-1 {b64encode(b'issued-1').decode()}")
    revealed.forget_all()
    assert "issued" not in masked
    assert b64encode(b"issued-1").decode()[:10] not in masked
