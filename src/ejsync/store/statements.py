"""Statements that every table family needs: bulk upsert, long IN lists."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Executable, FromClause, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

IN_CHUNK = 900
_DIALECTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def table_of(model: type[SQLModel]) -> Table:
    """Return the Core table of a model: hot paths speak Core in bulk."""
    table: FromClause = model.__table__  # type: ignore[attr-defined]
    if not isinstance(table, Table):
        raise TypeError(model.__name__)
    return table


def upsert_into(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
    newest: str | None = None,
) -> None:
    """Insert rows in one executemany; where `key` exists already, overwrite every given column not in `keep`.

    Args:
        newest: a column; a row in which it is smaller than what stands there overwrites nothing.
    """
    if rows:
        names = tuple(rows[0])
        upserting = _upserting(connection.dialect.name, table, names, key=tuple(key), keep=tuple(keep), newest=newest)
        connection.execute(upserting, rows)


@lru_cache  # to build such a statement takes longer than to execute it
def _upserting(
    dialect: str,
    table: Table,
    names: tuple[str, ...],
    *,
    key: tuple[str, ...],
    keep: tuple[str, ...],
    newest: str | None,
) -> Executable:
    statement = _DIALECTS[dialect](table)
    overwrite = {name: statement.excluded[name] for name in names if name not in {*key, *keep}}
    if not overwrite:
        inserting: Executable = statement.on_conflict_do_nothing(index_elements=key)
        return inserting
    not_older = statement.excluded[newest] >= table.c[newest] if newest is not None else None
    upserting: Executable = statement.on_conflict_do_update(index_elements=key, set_=overwrite, where=not_older)
    return upserting


def merge_into(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    key: Sequence[str],
    choosing: Callable[[Any], Mapping[str, Any]],
) -> None:
    """Insert rows in one executemany; where `key` exists already, overwrite every given column.

    Args:
        choosing: is handed the new row and says which columns take another value than the new one.
    """
    if not rows:
        return
    statement = _DIALECTS[connection.dialect.name](table)
    overwrite = {name: statement.excluded[name] for name in rows[0] if name not in key}
    overwrite |= choosing(statement.excluded)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=overwrite), rows)


def chunked(values: Iterable[Any], size: int = IN_CHUNK) -> Iterator[list[Any]]:
    """Cut values into lists short enough for one IN list."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def keys_by_kind(keys: Iterable[tuple[Any, str]]) -> Iterator[tuple[str, list[str]]]:
    """Group (kind, key) pairs by kind, in chunks short enough for one IN list."""
    by_kind: dict[str, list[str]] = {}
    for kind, key in keys:
        by_kind.setdefault(str(kind), []).append(key)
    for kind, values in by_kind.items():
        for chunk in chunked(values):
            yield kind, chunk
