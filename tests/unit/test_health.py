"""The daemon's health endpoint."""

import socket

import httpx
import pytest

from ejsync.health import HealthServer, health_app


@pytest.fixture
def conditions():
    """What the checks say; the test changes it."""
    return {"scheduler": True, "store": True}


@pytest.fixture
def server(conditions):
    """A server on a free loopback port."""
    app = health_app(lambda: {"scheduler": conditions["scheduler"]}, lambda: dict(conditions))
    made = HealthServer(app, "127.0.0.1", 0)
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(
    ("store", "path", "status"),
    [(True, "/healthz", 200), (True, "/readyz", 200), (False, "/healthz", 200), (False, "/readyz", 503)],
)
def test_all_conditions_must_hold(server, conditions, store, path, status):
    """A daemon whose store is away lives but is not ready; the answer names each condition."""
    conditions["store"] = store
    answer = httpx.get(f"http://127.0.0.1:{server.port}{path}")
    assert answer.status_code == status
    assert answer.json()["ok"] is (status == 200)


def test_a_stopped_server_gives_its_port_back(conditions):
    """After the stop nothing listens there any more."""
    made = HealthServer(health_app(dict, dict), "127.0.0.1", 0)
    made.start()
    assert httpx.get(f"http://127.0.0.1:{made.port}/healthz").status_code == 200
    made.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", made.port)) != 0
