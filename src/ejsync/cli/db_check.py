"""`db check`: what a look at the store found, and of each thing that is wrong what to type next."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ejsync.cli import showing
from ejsync.cli.db_verbs import MEGABYTE, existing, group
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.next_step import commanded, remedy
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import as_json
from ejsync.errors import Exit
from ejsync.wording import N_, say

__all__ = ["check", "group"]

if TYPE_CHECKING:
    from ejsync.store.checking import Compared, Examined, Finding

_SENTENCES = {
    "damaged": N_("pages are damaged"),
    "upgrade_due": N_("the schema is older than this ejsync"),
    "audit_broken": N_("the audit chain is broken"),
    "shut": N_("sealed values that the keys at hand do not open"),
    "traces": N_("backups or free pages that still hold what is not sealed"),
    "item_without_batch": N_("items of batches that are not there"),
    "items_miscounted": N_("batches that count other items than they have"),
    "open_without_body": N_("batches under way without anything to send"),
    "settled_with_body": N_("settled batches that still hold what was sent"),
    "outbox_without_record": N_("changes waiting of records that are not there"),
    "outbox_without_hold": N_("changes held by batches that hold nothing"),
    "delivered_beyond_record": N_("records of which a diary holds a newer version"),
    "several_in_flight": N_("diaries with more than one batch in flight"),
}
_RESTORE, _RUN = "ejsync db restore FILE", "ejsync reconcile --repair"
_STEPS = {
    "damaged": _RESTORE,
    "upgrade_due": "ejsync db upgrade",
    "shut": "ejsync keys check",
    "traces": "ejsync status",
    "open_without_body": _RESTORE,
    "item_without_batch": _RESTORE,
    "items_miscounted": _RESTORE,
}
REASONS = {
    "copy": N_("a backup was put in the place of the store"),
    "head_missing": N_("the file that tells how far the store had come is missing"),
    "epoch_behind": N_("fewer instances have worked on it than there were"),
    "audit_behind": N_("its audit log ends before what was written already"),
    "audit_differs": N_("its audit log is another than what was written"),
    "keys_lost": N_("the keys of what was stored are lost"),
    "sink_is_ahead": N_("a diary holds versions that this store never made"),
}


@group.command(
    "check",
    help=N_(
        "Check the store's pages, what must hold between its tables, and every audit chain; tell sizes,"
        " backups and whether the store is older than it was. Changes nothing. Exit 8 for a broken audit chain, 4 for"
        " anything else."
    ),
    examples=("ejsync db check", "ejsync db check --json"),
)
@as_json
@pass_desk
def check(desk: Desk, *, as_json: bool) -> int:
    """Examine, show, judge."""
    from ejsync.bootstrap import vault_of
    from ejsync.store.checking import AUDIT, examine

    path = existing(desk)
    with closing(vault_of(desk.settings(), path)) as keys:
        found, sizes = examine(path, keys), _sizes(path)
    verdict = Exit.CONFIGURATION if found.findings else Exit.WELL
    if any(finding.name == AUDIT for finding in found.findings):
        verdict = Exit.AUDIT_BROKEN
    if as_json:
        showing.document({"ok": verdict is Exit.WELL, "schema": found.version, **sizes, **_told(found)})
        return verdict
    _show(found, sizes)
    return verdict


def _sizes(path: Path) -> dict[str, Any]:
    from ejsync.store.backup import backups_of

    kept, wal = backups_of(path), Path(f"{path}-wal")
    return {
        "path": path,
        "size_bytes": path.stat().st_size,
        "wal_bytes": wal.stat().st_size if wal.exists() else 0,
        "backups": [{"path": one.path, "size_bytes": one.size_bytes} for one in kept],
        "last_backup_age_s": max(time.time() - kept[-1].at, 0.0) if kept else None,
    }


def _told(found: "Examined") -> dict[str, Any]:
    return {
        "audit": {school: {"entries": seq, "head": head} for school, (seq, head) in found.heads.items()},
        "findings": [
            {"name": one.name, "count": one.count, "found": _sentence(one), "next_step": step(one)}
            for one in found.findings
        ],
        "rolled_back": [
            {"school": one.school, "reason": one.reason, "at": one.at, "compared": not one.pending}
            for one in found.rolled_back
        ],
    }


def _sentence(finding: "Finding") -> str:
    return finding.error.sentence() if finding.error else say(_SENTENCES[finding.name])


def step(finding: "Finding") -> str:
    """Return the next command of a finding."""
    return remedy(finding.error) if finding.error else commanded(_STEPS.get(finding.name, _RUN))


def _show(found: "Examined", sizes: dict[str, Any]) -> None:
    showing.facts(
        {
            N_("Store"): sizes["path"],
            N_("Schema"): found.version or "-",
            N_("Size, MB"): f"{sizes['size_bytes'] / MEGABYTE:.1f}",
            N_("WAL, MB"): f"{sizes['wal_bytes'] / MEGABYTE:.1f}",
            N_("Backups"): len(sizes["backups"]),
            N_("Last backup"): showing.age(sizes["last_backup_age_s"]),
        }
    )
    for school, (seq, head) in found.heads.items():
        showing.line(say(N_("{school}: {count} audit entries, head {head}"), school=school, count=seq, head=head))
    for one in sizes["backups"]:
        showing.line(f"  {one['path']}")
    for line, style in _lines(found):
        showing.line(line, style)


def _lines(found: "Examined") -> Iterator[tuple[str, str]]:
    for one in found.rolled_back:
        yield older(one)
    for finding in found.findings:
        yield f"{_sentence(finding)}: {finding.count}", BAD
    yield from ((f"→ {one}", "") for one in dict.fromkeys(map(step, found.findings)))
    if not found.findings:
        yield say(N_("All is well.")), GOOD


def older(one: "Compared") -> tuple[str, str]:
    """Say that a school's store is older than it was, and whether that is mended."""
    sentence = N_("{school}: since {at} known to be older than it was ({reason}); not yet compared with every diary")
    if not one.pending:
        sentence = N_("{school}: on {at} known to be older than it was ({reason}); compared with every diary since")
    text = say(sentence, school=one.school, at=one.at[:16], reason=say(REASONS[one.reason]))
    return text, WARNING if one.pending else ""
