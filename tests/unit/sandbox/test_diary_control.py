"""The diary's control door."""

import pytest

SCHOOL = "/v1/schools/gymnasium-0"


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/faults"),
        ("GET", "/faults"),
        ("DELETE", "/faults"),
        ("POST", "/limits"),
        ("POST", "/snapshot"),
        ("POST", "/restore"),
        ("GET", "/state"),
        ("GET", "/requests"),
    ],
)
def test_door_is_shut_to_other_machines(caller, verb, path):
    """Whoever is not on this machine cannot control the diary."""
    caller.host = "192.0.2.7"
    assert caller.call(verb, f"/_control{path}", json={}).status_code == 403


def test_state_shows_what_is_held_and_counted(caller, change):
    """The state lists live records as they are held and tells tombstones, effects and outcomes apart."""
    caller.post(change("a"), change("b"))
    caller.post(change("a", version=2, gone=True), change("b"), change("c", raw=""), key="k2")
    caller.post(change("a"), key="k3")
    caller.post(change("a"), key="k3")
    state = caller.state()
    (record,) = state.pop("records")
    sent = change("b")
    assert record.pop("applied_at") == "2026-11-18T11:06:40.000000Z"
    assert record == {"school": "gymnasium-0", **{name: sent[name] for name in record if name != "school"}}
    assert state == {
        "checkpoints": {},
        "tombstones": 1,
        "effects": 3,
        "doubled": 0,
        "batches": 3,
        "replayed": 1,
        "version_regressions": 0,
        "applied": 3,
        "unchanged": 1,
        "stale": 1,
        "rejected": 1,
    }


def test_requests_are_counted_without_ids(caller):
    """Calls are counted by endpoint and answer; no school or pupil stands in the count."""
    caller.call("DELETE", f"{SCHOOL}/pupils/1001")
    caller.call("GET", f"{SCHOOL}/records")
    counts = caller.call("GET", "/_control/requests").json()
    assert counts == {
        "requests": {"DELETE /v1/schools/{school}/pupils/{pupil}": 1, "GET /v1/schools/{school}/records": 1},
        "answers": {"200": 1, "400": 1},
    }


def test_limits_are_set_one_by_one(caller):
    """A limit that is named changes, the others stay."""
    limits = caller.call("POST", "/_control/limits", json={"max_items": 2}).json()
    assert limits == {"max_items": 2, "max_bytes": 8 * 1024 * 1024, "token_seconds": 3600}


@pytest.mark.parametrize("body", [b"[]", b'{"max_items": 0}', b'{"max_items": true}', b'{"size": 1}', b"?"])
def test_senseless_limits_change_nothing(caller, body):
    """A limit that makes no sense is refused."""
    assert caller.call("POST", "/_control/limits", content=body).status_code == 400
    assert caller.call("POST", "/_control/limits", json={}).json()["max_items"] == 1000


@pytest.mark.parametrize("body", [b"?", b'{"kind": "flood"}', b"1"])
def test_senseless_faults_are_refused(caller, body):
    """A fault nobody knows is a 400, not a surprise later."""
    assert caller.call("POST", "/_control/faults", content=body).status_code == 400


def test_faults_are_listed_with_those_that_struck(caller):
    """What is still to come and what has struck can be read."""
    caller.call("POST", "/_control/faults", json=[{"kind": "outage", "times": 2}, {"kind": "poison", "key": "a"}])
    caller.call("GET", f"{SCHOOL}/digest")
    shown = caller.call("GET", "/_control/faults").json()
    assert [order["kind"] for order in shown["pending"]] == ["outage", "poison"]
    assert shown["struck"] == {"outage": 1}


def test_a_backup_is_taken_and_put_back(caller, change):
    """After a restore the diary holds what it held at the snapshot, and has forgotten the receipts since."""
    caller.post(change("a"))
    assert caller.call("POST", "/_control/snapshot").status_code == 204
    caller.post(change("b"), key="k2")
    assert caller.call("POST", "/_control/restore").status_code == 204
    state = caller.state()
    assert ([record["key"] for record in state["records"]], state["batches"]) == (["a"], 1)


def test_a_restore_without_a_snapshot_is_refused(caller):
    """There is nothing to put back before anything was copied aside."""
    assert caller.call("POST", "/_control/restore").status_code == 409
