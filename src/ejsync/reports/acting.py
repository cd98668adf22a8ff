"""What an erasure needs outside of its transactions: the sweep of files, and the act in the folder beside the store."""

import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from ejsync.bootstrap import Exchange
from ejsync.domain.audit import AuditEvent
from ejsync.domain.erasure import Erasure
from ejsync.errors import StoreError
from ejsync.reports.act import Circumstances, act, of_erasure, of_papers
from ejsync.reports.paper import Press
from ejsync.store.drafts import draft_of
from ejsync.store.old_files import acts_of
from ejsync.store.sweeping import flush, sweep

_PAGE_OF = "стр. %p из %n"
_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Paperwork:
    """erase.Surfaces over the files of one store."""

    exchange: Exchange

    @property
    def _store(self) -> Path:
        return self.exchange.store.path

    def sweep(self, school: str, pupil: str) -> dict[str, Any]:
        """Take a pupil out of free pages, backups and files beside the store.

        Raises:
            StoreError: the store is in use for too long, or cannot be written.
        """
        return asdict(sweep(self._store, school, pupil))

    def flush(self) -> bool:
        """Empty the log of recent writes; tells whether nothing is left in it."""
        return flush(self._store)

    def write_act(self, school: str, erasure: Erasure) -> dict[str, Any]:
        """Write the act as PDF/A and JSON, and return their digests by the names of the files.

        Raises:
            PaperFailed: it cannot be set.
            StoreError: it cannot be written.
            AuditBroken: the log does not verify: nothing is drawn from it.
        """
        told = act(erasure, self._circumstances(school, erasure))
        zone = self.exchange.schools[school].zone
        paper = Press("act").pdf({**told, "page_of": _PAGE_OF}, erasure.step_at.astimezone(zone).date())
        name = f"act-{school}-{erasure.number}-{erasure.pseudonym[:8]}-{erasure.step_at:%Y%m%dT%H%M%SZ}"
        files = {f"{name}.pdf": paper.content, f"{name}.json": orjson.dumps(told, option=orjson.OPT_INDENT_2)}
        return {name: _written(acts_of(self._store) / name, content) for name, content in files.items()}

    def _circumstances(self, school: str, erasure: Erasure) -> Circumstances:
        settings = next(one for one in self.exchange.settings.schools if one.name == school)
        events = list(self._log(school, erasure.pseudonym))
        papers = of_papers(events, erasure.pseudonym)
        return Circumstances(settings.title, settings.address, settings.zone, of_erasure(events, erasure), papers)

    def _log(self, school: str, pseudonym: str) -> list[AuditEvent]:
        """Return those entries of the log that may be about a pupil."""
        with self.exchange.store.read(school) as tx:
            return [event for event in tx.audit.walk() if _names(event, pseudonym)]


def _names(event: AuditEvent, pseudonym: str) -> bool:
    return event.details.get("pupil") == pseudonym or pseudonym in event.details.get("pupils", ())


def _written(path: Path, content: bytes) -> str:
    """Write a file whole, for its owner only, and return its SHA-256."""
    try:
        path.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        with draft_of(path) as draft, draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(path=str(path), reason=error.strerror or type(error).__name__) from None
    return sha256(content).hexdigest()
