"""`audit verify`: the chains of a store, or those of an exported file alone, against what was kept elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli.files import content
from ejsync.domain.audit import last_of, unbroken
from ejsync.domain.audit_export import ExportedLog, logs_in
from ejsync.domain.checkpoints import SHORTER, Checkpoint, Trust, in_order, witnessed
from ejsync.domain.comparing import SILENT
from ejsync.errors import AuditBroken, BadInput
from ejsync.signing import is_signed_by
from ejsync.wording import N_, say

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange

ED = "ed"
"""The word for `--against` that stands for the diaries themselves."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is known of the logs from elsewhere.

    Attributes:
        school: whose log alone is meant; None for all.
        head: the hash that one entry must have.
        checkpoints: what the logs must agree with.
        key: the public key that is trusted (hex); None for the one that is at hand.
    """

    school: str | None = None
    head: str | None = None
    checkpoints: Sequence[Checkpoint] = ()
    key: str | None = None

    def of(self, school: str) -> list[Checkpoint]:
        """Return the checkpoints of one school."""
        return [one for one in self.checkpoints if one.school == school]

    def settled(self, schools: Sequence[str]) -> None:
        """See to it that each school that something is known of is there.

        Raises:
            AuditBroken: the log of one is missing altogether.
            click.UsageError: a head is given, and it is not said of which school.
        """
        for one in self.checkpoints:
            if one.school not in schools and self.school in {None, one.school}:
                raise AuditBroken(school=one.school, seq=1, reason=SHORTER)
        if self.head is not None and len(schools) > 1:
            raise click.UsageError(say(N_("Each school has a head of its own: say --school NAME.")))


def check_store(exchange: "Exchange", known: Elsewhere) -> list[dict[str, Any]]:
    """Verify the log of each school; the file of checkpoints beside the store must fit too.

    Raises:
        AuditBroken: one does not verify, or does not agree with what is known from elsewhere.
        click.UsageError: a head is given, and it is not said of which school.
    """
    wirings = exchange.school(known.school)
    known.settled([wiring.school for wiring in wirings])
    beside, found = exchange.store.checkpoint_file.read(), []
    for wiring in wirings:
        kept = [*known.of(wiring.school), *(one for one in [beside.get(wiring.school)] if one)]
        with exchange.store.read(wiring.school) as tx:
            log = _Log(wiring.school, tx.audit.walk(), list(tx.checkpoints.every()), kept)
            found.append(log.checked(known.key or wiring.signer.public, known.head))
    return found


def check_file(path: Path, known: Elsewhere) -> list[dict[str, Any]]:
    """Verify every log of an exported file.

    Raises:
        BadInput: it cannot be read; and see `check_export`.
    """
    return check_export(content(path), path.name, known)


def check_export(exported: bytes, name: str, known: Elsewhere) -> list[dict[str, Any]]:
    """Verify every log of an export; without a trusted key that of its first log's last checkpoint counts.

    Raises:
        AuditBroken: one does not verify, or a line is not as it was exported.
        BadInput: it holds no entries of the school.
        click.UsageError: a head is given, and it is not said of which school.
    """
    logs = logs_in(exported, name)
    key = known.key or next((log.checkpoints[-1].key for log in logs), "")
    wanted = [log for log in logs if known.school in {None, log.school}]
    known.settled([log.school for log in wanted])
    if not wanted:
        raise BadInput(what=name, faults=(say(N_("it holds no entries")),))
    return [_of_file(log, known).checked(key, known.head) for log in wanted]


def _of_file(log: ExportedLog, known: Elsewhere) -> "_Log":
    return _Log(log.school, iter(log.events), log.checkpoints, known.of(log.school))


@dataclass(frozen=True, slots=True)
class _Log:
    """One school's log with its own checkpoints, and those kept elsewhere."""

    school: str
    events: Iterator[Any]
    own: Sequence[Checkpoint]
    kept: Sequence[Checkpoint]

    def checked(self, key: str, head: str | None) -> dict[str, Any]:
        checkpoints = [*in_order(self.school, self.own), *self.kept]
        entries = witnessed(self.school, unbroken(self.school, self.events), checkpoints, trust_in(key))
        count, last = last_of(self.school, entries, head)
        signed = self.own[-1].size if self.own else 0
        return {"school": self.school, "entries": count, "head": last, "checkpoints": len(self.own), "signed": signed}


def trust_in(key: str) -> Trust:
    """Trust one key."""
    return Trust(key, lambda one: is_signed_by(one.key, one))


def kept_in(path: Path) -> list[Checkpoint]:
    """Read checkpoints that were kept elsewhere: one a line.

    Raises:
        BadInput: the file cannot be read, or holds anything else.
    """
    lines = content(path).decode("ascii", "replace").splitlines()
    try:
        found = [Checkpoint.read(line.strip()) for line in lines if line.strip()]
    except ValueError:
        found = []
    if not found:
        raise BadInput(what=str(path), faults=(say(N_("it holds no checkpoints, or something else beside them")),))
    return found


def kept_by_diaries(exchange: "Exchange", school: str | None) -> list[Checkpoint]:
    """Ask each diary for the newest checkpoint that it was sent.

    Raises:
        SinkError: one cannot be asked.
        BadInput: one answers something else, or none of them keeps any.
    """
    found = []
    for wiring in exchange.school(school):
        for name, sink in wiring.sinks.items():
            line = sink.newest_checkpoint(wiring.school)
            if line is not SILENT and line:
                found.append(_told(name, str(line), wiring.school))
    if not found:
        raise BadInput(what=ED, faults=(say(N_("no diary keeps a checkpoint of the log")),))
    return found


def _told(sink: str, line: str, school: str) -> Checkpoint:
    try:
        made = Checkpoint.read(line)
    except ValueError:
        raise BadInput(what=sink, faults=(say(N_("its answer is no checkpoint")),)) from None
    if made.school != school:
        raise BadInput(what=sink, faults=(say(N_("its answer is no checkpoint")),))
    return made
