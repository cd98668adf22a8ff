"""The dry-run sink: answers `applied` to everything and sends nothing."""

from collections.abc import Collection, Sequence

from ejsync.domain.batches import ItemAnswer, Parcel, Status
from ejsync.domain.comparing import SILENT, Silent
from ejsync.domain.records import Kind
from ejsync.domain.standing import Sendable
from ejsync.sinks.dryrun.mapping import lines


class DryRunSink:
    """ports.Sink that goes nowhere."""

    host = ""

    def pack(self, school: str, batch: str, sendables: Sequence[Sendable]) -> tuple[bytes, str]:
        """Return a list of what would travel."""
        del school, batch
        return lines(sendables), "identity"

    def push(self, school: str, parcel: Parcel) -> list[ItemAnswer]:
        """Say that everything was applied."""
        del school
        return [ItemAnswer(item.position, Status.APPLIED) for item in parcel.items]

    def ping(self, school: str) -> None:
        """Always reachable."""
        del school

    def digest(self, school: str, kinds: Collection[Kind]) -> Silent:
        """Keep nothing, tell nothing."""
        del school, kinds
        return SILENT

    def records(self, school: str, kind: Kind, after: str) -> Silent:
        """Keep nothing, tell nothing."""
        del school, kind, after
        return SILENT

    def newest_checkpoint(self, school: str) -> Silent:
        """Keep nothing, tell nothing."""
        del school
        return SILENT

    def erase(self, school: str, pupil: str) -> Silent:
        """Keep nothing that could be erased."""
        del school, pupil
        return SILENT

    def close(self) -> None:
        """Nothing to let go of."""
