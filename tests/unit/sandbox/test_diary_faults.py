"""Faults of the diary to order."""

import pytest

from ejsync.sandbox.diary_faults import ITEM_KINDS, REQUEST_KINDS, DiaryFaults
from ejsync.sandbox.diary_items import Item
from ejsync.sandbox.faults import FaultOrderError

SCHOOL = "/v1/schools/gymnasium-0"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("outage", 503, "unavailable"),
        ("throttle", 429, "throttled"),
        ("error500", 500, "internal"),
        ("expired_token", 401, "token_expired"),
        ("foreign_school", 403, "foreign_school"),
    ],
)
def test_refusal_applies_nothing_and_is_used_up(caller, change, kind, status, code):
    """An ordered refusal strikes once with its code, nothing is applied, and the repetition goes well."""
    caller.fault(kind)
    refused = caller.post(change())
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert caller.state()["effects"] == 0
    assert caller.post(change()).status_code == 200


@pytest.mark.parametrize("kind", ["outage", "throttle"])
@pytest.mark.parametrize(
    ("fields", "header"),
    [({}, "1"), ({"retry_after_s": 7}, "7"), ({"retry_after": "soon"}, "soon")],
    ids=["default", "seconds", "verbatim"],
)
def test_retry_after_is_as_ordered(caller, kind, fields, header):
    """The answer says when to come again: in seconds, or in whatever words were ordered."""
    caller.fault(kind, **fields)
    assert caller.call("GET", f"{SCHOOL}/digest").headers["retry-after"] == header


@pytest.mark.parametrize(("kind", "effects"), [("reset_before", 0), ("reset_after", 1)])
def test_reset_is_before_or_after_the_effect(caller, change, kind, effects):
    """The connection is cut before anything or after everything was committed, never in between."""
    caller.fault(kind)
    with pytest.raises(ConnectionResetError):
        caller.post(change())
    assert caller.state()["effects"] == effects
    assert caller.state()["batches"] == effects


def test_reset_strikes_batches_unless_told_otherwise(caller):
    """A reset without a match leaves a read alone; with one it strikes it."""
    caller.fault("reset_before")
    assert caller.call("GET", f"{SCHOOL}/digest").status_code == 200
    caller.fault("reset_before", match="digest")
    with pytest.raises(ConnectionResetError):
        caller.call("GET", f"{SCHOOL}/digest")


def test_slow_answers_all_the_same(caller, change):
    """A slow request is treated in the end."""
    caller.fault("slow", delay_s=0)
    assert caller.post(change()).status_code == 200


@pytest.mark.parametrize("by", [{"key": "b"}, {"record_kind": "mark", "key": "b"}])
def test_poison_strikes_its_item_until_cleared(caller, change, by):
    """A poisoned item is rejected every time, its neighbours are applied, and clearing heals it."""
    caller.fault("poison", **by)
    for key in ("k1", "k2"):
        results = caller.post(change("a"), change("b"), key=key).json()["results"]
        assert (results[1]["status"], results[1]["code"]) == ("rejected", "poison")
        assert results[0]["status"] in {"applied", "unchanged"}
    assert caller.call("DELETE", "/_control/faults").json() == {"pending": []}
    assert caller.post(change("b"), key="k3").json()["results"][0]["status"] == "applied"


def test_poison_strikes_a_whole_kind(caller, change):
    """A kind that is poisoned is rejected whatever the key."""
    caller.fault("poison", record_kind="mark")
    codes = [result["code"] for result in caller.post(change("a"), change("b")).json()["results"]]
    assert codes == ["poison", "poison"]


def test_refused_whole_does_not_say_which(caller, change):
    """A batch with the marked item is refused as a whole without a word about the item, another batch is not."""
    caller.fault("refuse_whole", key="b")
    refused = caller.post(change("a"), change("b"))
    assert (refused.status_code, refused.json()["code"]) == (422, "whole_batch_refused")
    assert refused.json()["pointer"] is None
    assert caller.state()["effects"] == 0
    assert caller.post(change("a"), key="k2").status_code == 200


@pytest.mark.parametrize(
    "order", [[], {"kind": "flood"}, {"kind": "poison"}, {"kind": "outage", "times": 0}, {"kind": "poison", "key": 1}]
)
def test_senseless_order_is_refused(order):
    """What cannot be understood is not taken."""
    faults = DiaryFaults()
    with pytest.raises(FaultOrderError):
        faults.order(order)
    assert faults.pending() == []


def test_every_kind_can_be_ordered_and_seen():
    """Every kind of the table is taken, listed, and forgotten when cleared."""
    faults = DiaryFaults()
    for kind in REQUEST_KINDS | ITEM_KINDS:
        faults.order({"kind": kind, "key": "a"})
    assert {order["kind"] for order in faults.pending()} == REQUEST_KINDS | ITEM_KINDS
    assert faults.marked("poison").has(Item("mark", "a", 1, None, None))
    assert not faults.marked("poison").has(Item("mark", "b", 1, None, None))
    faults.clear()
    assert faults.pending() == []
    assert faults.struck() == {}
