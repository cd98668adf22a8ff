"""Truths about the fault book and its endpoints."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from ejsync.sandbox.faults import FaultBook, FaultOrderError, fault_routes

KINDS = frozenset({"outage", "slow"})


@pytest.fixture
def book():
    """An empty book that knows two kinds."""
    return FaultBook(KINDS)


def call(book, verb, *, peer="127.0.0.1", **options):
    """Call the fault endpoints without a network."""

    async def one():
        transport = httpx.ASGITransport(Starlette(routes=fault_routes(book)), client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(verb, "/_control/faults", **options)

    return asyncio.run(one())


def test_strikes_once_unless_told_otherwise(book):
    """A fault ordered without `times` strikes one request and is used up."""
    book.order({"kind": "outage"})
    assert book.take("GET /x").kind == "outage"
    assert book.take("GET /x") is None


def test_strikes_until_cleared(book):
    """With `times` -1 a fault strikes until the book is cleared."""
    book.order({"kind": "outage", "times": -1})
    assert all(book.take("GET /x") for _ in range(5))
    book.clear()
    assert book.take("GET /x") is None


def test_earliest_matching_order_strikes_first(book):
    """Orders strike in the order they were taken."""
    book.order({"kind": "slow"}, {"kind": "outage"})
    assert [book.take("GET /x").kind for _ in range(2)] == ["slow", "outage"]


def test_match_is_a_part_of_the_name_in_any_case(book):
    """A fault with `match` leaves other requests alone."""
    book.order({"kind": "outage", "match": "GETMARKS"})
    assert book.take("GET /api/getdiary") is None
    assert book.take("GET /api/getmarks").kind == "outage"


def test_skip_lets_requests_pass_first(book):
    """A fault with `skip` strikes only after so many matching requests."""
    book.order({"kind": "outage", "skip": 2, "match": "marks"})
    book.take("GET /other")
    assert [book.take("GET /marks") is None for _ in range(3)] == [True, True, False]


def test_kind_specific_fields_are_kept(book):
    """Fields that the book does not know are handed to the server with the fault."""
    book.order({"kind": "slow", "delay_s": 0.5, "key": "k"})
    fault = book.take("GET /x")
    assert fault.number("delay_s", 1.0) == 0.5
    assert fault.number("absent", 7) == 7
    assert (fault.text("key"), fault.text("absent", "none")) == ("k", "none")


@pytest.mark.parametrize(
    "senseless",
    [{"kind": "unheard"}, {}, "outage", {"kind": "outage", "times": 0}, {"kind": "outage", "skip": -1}],
)
def test_senseless_orders_are_refused_whole(book, senseless):
    """An order that makes no sense is refused, and so are the good ones that came with it."""
    with pytest.raises(FaultOrderError):
        book.order({"kind": "outage"}, senseless)
    assert book.pending() == []


def test_endpoints_order_show_and_clear(book):
    """POST takes one order or a list, GET shows what is pending and what has struck, DELETE clears."""
    assert call(book, "POST", json={"kind": "outage"}).status_code == 200
    assert len(call(book, "POST", json=[{"kind": "slow"}, {"kind": "slow"}]).json()["pending"]) == 3
    book.take("GET /x")
    shown = call(book, "GET").json()
    assert (len(shown["pending"]), shown["struck"]) == (2, {"outage": 1})
    assert call(book, "DELETE").json() == {"pending": []}


@pytest.mark.parametrize("body", [b"no json", b'{"kind": "unheard"}'])
def test_bad_body_is_answered_400(book, body):
    """A body that is no order is answered 400 with a reason."""
    answer = call(book, "POST", content=body)
    assert (answer.status_code, "error" in answer.json()) == (400, True)


def test_endpoints_are_closed_to_others(book):
    """A caller from another machine cannot order faults."""
    assert call(book, "POST", peer="192.0.2.7", json={"kind": "outage"}).status_code == 403
    assert book.pending() == []
