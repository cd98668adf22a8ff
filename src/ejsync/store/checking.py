"""What `db check` asks of a store: pages, invariants of ours, the audit chain. The file is only read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from ejsync.domain.audit import verify
from ejsync.errors import AuditBroken, ConfigError, EjsyncError, KeysUnfit
from ejsync.store.audit_table import AuditTable
from ejsync.store.delivery_tables import StoreMarkRow
from ejsync.store.heads import Head
from ejsync.store.inspection import reading, unusable
from ejsync.store.mark_table import COMPARE_ALL, EVERY_SCHOOL, KEY_FILE, TRACES, MarkTable
from ejsync.store.migrations import NEWEST, version_of
from ejsync.store.sealed_columns import SEALED, Value, schools_of, values_of
from ejsync.store.statements import table_of
from ejsync.store.tables import AuditRow, SinkRow
from ejsync.vault import SchoolKeys, Vault

DAMAGED, UPGRADE_DUE, AUDIT, SHUT, KEYS = "damaged", "upgrade_due", "audit_broken", "shut", "keys_unfit"
_OPEN = "('pending', 'in_flight')"
_UNDECIDED = "('held', 'approved', 'cancelled')"
INVARIANTS: Mapping[str, str] = {
    "item_without_batch": "SELECT count(*) FROM batch_item WHERE batch NOT IN (SELECT batch FROM batch)",
    "items_miscounted": (
        f"SELECT count(*) FROM batch b WHERE state NOT IN {_UNDECIDED} AND items <> "  # noqa: S608 - no input
        "(SELECT count(*) FROM batch_item i WHERE i.batch = b.batch)"
    ),
    "open_without_body": f"SELECT count(*) FROM batch WHERE state IN {_OPEN} AND length(body) = 0",  # noqa: S608 - as above
    "settled_with_body": f"SELECT count(*) FROM batch WHERE state NOT IN {_OPEN} AND length(body) > 0",  # noqa: S608 - as above
    "outbox_without_record": (
        "SELECT count(*) FROM outbox o WHERE NOT EXISTS "
        "(SELECT 1 FROM record r WHERE r.school = o.school AND r.kind = o.kind AND r.key = o.key)"
    ),
    "outbox_without_hold": (
        "SELECT count(*) FROM outbox WHERE hold IS NOT NULL "
        "AND hold NOT IN (SELECT batch FROM batch WHERE state = 'held')"
    ),
    "delivered_beyond_record": (
        "SELECT count(*) FROM delivered d LEFT JOIN record r ON r.school = d.school AND r.kind = d.kind "
        "AND r.key = d.key WHERE d.fingerprint <> '' AND d.version > coalesce(r.version, 0)"
    ),
    "several_in_flight": (
        "SELECT count(*) FROM (SELECT 1 FROM batch WHERE state = 'in_flight' GROUP BY school, sink HAVING count(*) > 1)"
    ),
}
"""Each counts what must not be there; a version in doubt has no fingerprint and may be any."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: its name, how often, and where there is one, the error that tells more."""

    name: str
    count: int = 1
    error: EjsyncError | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A school whose store was found to be older than it was: why, when, and whether all sinks were compared since."""

    school: str
    reason: str
    at: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination found; `heads` has the last audit entry of each school whose chain is whole."""

    version: str | None
    findings: tuple[Finding, ...]
    heads: Mapping[str, Head]
    rolled_back: tuple[Compared, ...]


def examine(path: Path, keys: Vault | None = None) -> Examined:
    """Look at everything; what a damaged or older store cannot answer is left out.

    Args:
        keys: what is sealed is opened with them, all of it; without them it is taken on trust.

    Raises:
        StoreError: it is no database, or cannot be read.
    """
    engine = _reader(path)
    try:
        with engine.connect() as connection:
            return _examined(connection, keys)
    except SQLAlchemyError as error:
        raise unusable(path, error) from None
    finally:
        engine.dispose()


def _reader(path: Path) -> Engine:
    return create_engine("sqlite://", creator=lambda: reading(path))


def _examined(connection: Connection, keys: Vault | None) -> Examined:
    version = version_of(connection)
    damage = [row for row in connection.execute(text("PRAGMA integrity_check")).scalars() if row != "ok"]
    if damage:
        return Examined(version, (Finding(DAMAGED, len(damage)),), {}, ())
    if version != NEWEST:
        return Examined(version, (Finding(UPGRADE_DUE),), {}, ())
    counted = ((name, connection.execute(text(query)).scalar_one()) for name, query in INVARIANTS.items())
    findings = [Finding(name, count) for name, count in counted if count]
    heads: dict[str, Head] = {}
    findings += _chains(connection, heads)
    findings += [] if keys is None else _shut(connection, keys)
    return Examined(version, tuple(findings), heads, tuple(_rolled_back(connection)))


def _chains(connection: Connection, heads: dict[str, Head]) -> Iterator[Finding]:
    """Verify every school's chain; the heads of whole ones are kept."""
    for school in connection.execute(select(table_of(AuditRow).c.school).distinct()).scalars().all():
        try:
            heads[school] = verify(school, AuditTable(connection, school).walk())
        except AuditBroken as error:
            yield Finding(AUDIT, error=error)


def _shut(connection: Connection, keys: Vault) -> Iterator[Finding]:
    """Open what is sealed; what was sealed with a destroyed key is not to open."""
    try:
        told = MarkTable(connection, EVERY_SCHOOL).get(KEY_FILE)
        keys.settle(told[0] if told else None)
        values = ((value, school) for table in SEALED for school in schools_of(connection, table)
                  for value in values_of(connection, table, school))  # fmt: skip
        closed = sum(_is_shut(value, keys.of(school)) for value, school in values)
    except (ConfigError, KeysUnfit) as error:
        yield Finding(KEYS, error=error)
    else:
        yield from [Finding(SHUT, closed)] if closed else []
    if MarkTable(connection, EVERY_SCHOOL).get(TRACES) is not None:
        yield Finding(TRACES)


def _is_shut(value: Value, keys: SchoolKeys) -> bool:
    return value.opened(keys) is None and not any(map(keys.is_destroyed, value.subjects))


def _rolled_back(connection: Connection) -> Iterator[Compared]:
    marks, sinks = table_of(StoreMarkRow).c, table_of(SinkRow).c
    wanted = select(marks.school, marks.value, marks.at).where(marks.name == COMPARE_ALL).order_by(marks.school)
    for school, reason, at in connection.execute(wanted).all():
        joined = connection.execute(select(sinks.sink).where(sinks.school == school)).scalars().all()
        compared = [not MarkTable(connection, school).in_doubt(sink) for sink in joined]
        yield Compared(school, reason, at.isoformat(), not (compared and all(compared)))
