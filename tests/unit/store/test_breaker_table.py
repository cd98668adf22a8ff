"""Breakers on disk."""

from dataclasses import replace
from datetime import timedelta

from ejsync.domain.breaker import Breaker, BreakerState
from tests.doubles.clock import START


def test_a_breaker_comes_back_as_it_was_saved(world):
    """Every field is read as it was written, and saving again replaces it."""
    open_ = Breaker("ed", "https://a", START, BreakerState.OPEN, 5, START + timedelta(seconds=30), "EJ-401")
    with world.tx() as tx:
        assert tx.breakers.get("ed", "https://a") is None
        tx.breakers.save(open_)
    with world.tx() as tx:
        assert tx.breakers.get("ed", "https://a") == open_
        tx.breakers.save(replace(open_, state=BreakerState.CLOSED, retry_at=None, error=None))
        assert [(one.state, one.retry_at) for one in tx.breakers.all()] == [(BreakerState.CLOSED, None)]


def test_a_breaker_is_one_for_all_schools_but_not_for_all_hosts(world):
    """What one school saved another reads; another host, or another sink on the host, has a breaker of its own."""
    with world.tx() as tx:
        tx.breakers.save(Breaker("ed", "https://a", START, failures=3))
    with world.store.begin("another-school") as tx:
        assert tx.breakers.get("ed", "https://a").failures == 3
        assert tx.breakers.get("ed", "https://b") is None
        assert tx.breakers.get("region", "https://a") is None
