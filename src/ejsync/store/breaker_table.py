"""Breakers of the hosts that diaries stand on: one for all schools that send there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from ejsync.domain.breaker import Breaker, BreakerState
from ejsync.store.delivery_tables import BreakerRow
from ejsync.store.statements import table_of, upsert_into

K = table_of(BreakerRow).c
_BREAKER = (K.sink, K.host, K.since, K.state, K.failures, K.retry_at, K.error)


def _breaker(row: Any) -> Breaker:
    values = row._asdict()
    return Breaker(**{**values, "state": BreakerState(values["state"])})


@dataclass(frozen=True, slots=True)
class BreakerTable:
    """ports.Breakers on SQL; the school is the one whose transaction this is, and no part of a breaker."""

    connection: Connection
    school: str

    def get(self, sink: str, host: str) -> Breaker | None:
        """Return the breaker of a host; None where nothing was ever amiss."""
        row = self.connection.execute(select(*_BREAKER).where(K.sink == sink, K.host == host)).first()
        return _breaker(row) if row else None

    def all(self) -> list[Breaker]:
        """Return every breaker, by sink and host."""
        return [_breaker(row) for row in self.connection.execute(select(*_BREAKER).order_by(K.sink, K.host))]

    def save(self, breaker: Breaker) -> None:
        """Remember how a host stands."""
        row = {
            "sink": breaker.sink,
            "host": breaker.host,
            "state": breaker.state.value,
            "failures": breaker.failures,
            "since": breaker.since,
            "retry_at": breaker.retry_at,
            "error": breaker.error,
        }
        upsert_into(self.connection, table_of(BreakerRow), [row], key=("sink", "host"))
