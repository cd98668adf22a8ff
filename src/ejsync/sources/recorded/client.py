"""Plays recorded pages back; every read opens the file anew, so a rehearsal may change it between two cycles."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Plan, Reading, Roster, Window
from ejsync.errors import ContractViolation, EjsyncError, SourceUnavailable
from ejsync.pipeline.ports import DueOf
from ejsync.sources.recorded.config import RecordedConfig
from ejsync.sources.recorded.mapping import RecordedPage, read

_HOST = "recorded"
_CONTRACT = "recorded/v1/page"


class RecordedSource:
    """A folder as a source; a window's `method` is the stem of its file."""

    def __init__(self, config: RecordedConfig) -> None:
        self._folder = config.folder

    @property
    def failures(self) -> Mapping[str, EjsyncError]:
        """A folder has no accounts that could fail."""
        return {}

    @property
    def at_once(self) -> int:
        """Files are read one after another."""
        return 1

    def renew(self) -> None:
        """A folder has no rights to remember."""

    def plan(self, feed: Feed, due: DueOf, roster: Roster) -> Plan:
        """List the pages of a feed that are due, in the order of their names.

        Raises:
            SourceUnavailable: the folder or a file of it cannot be read.
            ContractViolation: a file is no recorded page.
        """
        del roster
        if not self._folder.is_dir():
            raise SourceUnavailable(host=_HOST, method=feed, reason="there is no such folder")
        pages = ((file.stem, self._open(file)) for file in sorted(self._folder.glob("*.json")))
        return Plan(tuple(_windows(((stem, page) for stem, page in pages if page.feed is feed), due)))

    def fetch(self, window: Window, known: str = "") -> Page:
        """Read the file of a window.

        Raises:
            SourceUnavailable: it cannot be read.
            ContractViolation: it is no recorded page.
        """
        del known
        file = self._folder / f"{window.method}.json"
        page = self._open(file)
        return Page(window, page, file.stat().st_size)

    def read(self, page: Page, roster: Roster) -> Reading:
        """Say what a page means."""
        del roster
        return read(page)

    def close(self) -> None:
        """Nothing to let go of."""

    def _open(self, file: Path) -> RecordedPage:
        try:
            return RecordedPage.model_validate_json(file.read_bytes())
        except OSError:
            raise SourceUnavailable(host=_HOST, method=file.stem, reason="the file cannot be read") from None
        except ValidationError as error:
            pointers = {_pointer(fault) for fault in error.errors(include_input=False)}
            raise ContractViolation(contract=_CONTRACT, pointers=tuple(sorted(pointers))) from None


def _pointer(fault: ErrorDetails) -> str:
    """Return where a fault stands; what an unexpected field is called may be anybody's name."""
    steps = (*fault["loc"][:-1], "*") if fault["type"] == "extra_forbidden" else fault["loc"]
    return "".join(f"/{step}" for step in steps)


def _windows(pages: Iterable[tuple[str, RecordedPage]], due: DueOf) -> Iterator[Window]:
    """Yield a window for each page of which any day is due; a page counts as an owner of its own."""
    for stem, page in pages:
        owner = f"page:{stem}"
        heats = [item.heat for item in due(owner) if _shares(page, item.days)]
        if heats:
            days = page.days.days() if page.days else None
            yield Window(page.feed, page.scope, stem, days=days, heat=heats[0], owners=(owner,))


def _shares(page: RecordedPage, days: Days | None) -> bool:
    return page.days is None or days is None or (page.days.first <= days.last and days.first <= page.days.last)
