"""Links that stand in homework are carried and never followed."""

import socket
from urllib.parse import urlsplit

import pytest

from ejsync.sandbox.stage import set_stage

pytestmark = pytest.mark.slow


def test_every_connection_of_a_whole_sync_goes_to_a_configured_host(monkeypatch):
    """While attachments are read and delivered, nobody is asked for but journal and diary, by name or by address."""
    met, connect, look_up = set(), socket.socket.connect, socket.getaddrinfo

    def connecting(line, address):
        met.add(address[:2] if isinstance(address, tuple) else (address, 0))
        return connect(line, address)

    def looking_up(host, port, *further, **named):
        met.add((host, port))
        return look_up(host, port, *further, **named)

    with set_stage(pupils=30, seed=7) as stage:
        school = stage.exchange.settings.schools[0]
        urls = [
            school.source.base_url,
            *(url for sink in school.sinks for url in (sink.base_url, sink.token_url) if url),
        ]
        configured = {(urlsplit(url).hostname, urlsplit(url).port) for url in urls}
        monkeypatch.setattr(socket.socket, "connect", connecting)
        monkeypatch.setattr(socket, "getaddrinfo", looking_up)
        stage.cycle()
        monkeypatch.undo()
        held = [row["data"] for row in stage.diary.state()["records"] if row["kind"] == "homework"]
    assert any(file["link"].startswith("https://files.invalid/") for data in held for file in data["files"])
    assert met
    assert {(host, port) for host, port in met} <= configured
