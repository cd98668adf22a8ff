"""`privacy export`: all that is held of one pupil as a ZIP file of JSON by kind; the same data give the same bytes."""

import io
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ejsync.cli.files import put_parts
from ejsync.cli.privacy_told import told_of
from ejsync.cli.showing import jsonable
from ejsync.pipeline.kept_out import whose
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from pathlib import Path

    from ejsync.bootstrap import Exchange
    from ejsync.pipeline.ports import Transaction, Wiring

_ALL = 1_000_000
EVENT = "bundle.written"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o600 << 16


def write_bundle(exchange: "Exchange", wiring: "Wiring", pupil: str, target: "Path") -> int:
    """Write the bundle, witness it, and return how many records it holds; what cannot be witnessed does not stay.

    Raises:
        NotFound: nothing is held of this pupil.
        BadInput: the file is there already, or cannot be written.
    """
    told = told_of(exchange, wiring, pupil)
    with exchange.store.read(wiring.school) as tx:
        parts, count = _parts(tx, pupil)
    parts["report.json"] = {name: value for name, value in told.items() if name != "at"}
    put_parts(target, [zipped(parts)], force=False)
    try:
        with wiring.store.begin(wiring.school) as tx:
            tx.audit.append(EVENT, {"pupil": told["pseudonym"], "records": count}, wiring.clock.now())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return count


def _parts(tx: "Transaction", pupil: str) -> tuple[dict[str, Any], int]:
    """Return what is held by the name of its file: records by kind, what is set aside, rows of the office."""
    known = [row for row in tx.erasures.known_of(pupil) if not row.gone]
    payloads = tx.records.payloads((row.kind, row.key) for row in known)
    parts: dict[str, Any] = {}
    for row in known:
        told = {"key": row.key, "version": row.version, "data": _told(payloads.get((row.kind, row.key), b""))}
        parts.setdefault(f"records/{row.kind.value}.json", []).append(told)
    broken = [one.broken for one in tx.quarantine.find(_ALL)]
    rows = [row for made in tx.office.imports() for row in tx.office.rows(made.number) if row.pupil == pupil]
    aside = [
        {"kind": one.kind, "key": one.key, "data": _told(one.payload)}
        for one in broken
        if whose(one.kind, one.key, one.owner, one.pupil) == pupil
    ]
    office = [{"kind": row.kind, "at": row.at, "data": _told(row.payload)} for row in rows]
    parts |= {name: rows for name, rows in (("quarantine.json", aside), ("office.json", office)) if rows}
    return parts, sum(map(len, parts.values()))


def _told(payload: bytes) -> Any:
    """Return what a payload says; one that is no JSON as its text, one whose content was lost as nothing."""
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode(errors="replace")


def zipped(parts: dict[str, Any]) -> bytes:
    """Pack documents in the order of their names, with a page that explains them."""
    pages = {name: json.dumps(rows, ensure_ascii=False, default=jsonable, indent=2) for name, rows in parts.items()}
    pages["README.txt"] = "\n".join(_words(parts)) + "\n"
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as bundle:
        for name in sorted(pages):
            entry = ZipInfo(name, _FIRST_DAY)  # the day of writing would make each bundle another
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, _FILE_MODE
            bundle.writestr(entry, pages[name])
    return packed.getvalue()


def _words(parts: dict[str, Any]) -> list[str]:
    told = {
        "records": say(N_("records/KIND.json: what the journal told, or what follows from it; one list for each kind")),
        "quarantine.json": say(N_("quarantine.json: what broke its contract and was never sent")),
        "office.json": say(N_("office.json: rows of the sheets of the school's office")),
        "report.json": say(N_("report.json: what is held, what left, when, to whom and on what ground")),
    }
    here = {name.partition("/")[0] for name in parts}
    return [say(N_("All that ejsync holds of one pupil. Personal data: keep it safe.")), "",
            *(words for name, words in told.items() if name in here)]  # fmt: skip
