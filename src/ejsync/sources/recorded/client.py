"""Plays recorded pages back; every read opens the file anew, so a rehearsal may change it between two cycles."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from ejsync.domain.records import Feed
from ejsync.domain.windows import Days, Page, Plan, Reading, Roster, Window
from ejsync.errors import ContractViolation, EjsyncError, SourceUnavailable
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

    def plan(self, feed: Feed, days: Days, roster: Roster) -> Plan:
        """List the pages of a feed that have no days or share some with `days`, in the order of their names.

        Raises:
            SourceUnavailable: the folder or a file of it cannot be read.
            ContractViolation: a file is no recorded page.
        """
        del roster
        if not self._folder.is_dir():
            raise SourceUnavailable(host=_HOST, method=feed, reason="there is no such folder")
        pages = ((file.stem, self._open(file)) for file in sorted(self._folder.glob("*.json")))
        return Plan(tuple(_window(stem, page) for stem, page in pages if page.feed is feed and _shares(page, days)))

    def fetch(self, window: Window) -> Page:
        """Read the file of a window.

        Raises:
            SourceUnavailable: it cannot be read.
            ContractViolation: it is no recorded page.
        """
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
            pointers = sorted({"".join(f"/{step}" for step in fault["loc"]) for fault in error.errors()})
            raise ContractViolation(contract=_CONTRACT, pointers=tuple(pointers)) from None


def _window(stem: str, page: RecordedPage) -> Window:
    return Window(page.feed, page.scope, stem, days=page.days.days() if page.days else None)


def _shares(page: RecordedPage, days: Days) -> bool:
    return page.days is None or (page.days.first <= days.last and days.first <= page.days.last)
