"""`db`: the store's file: bring its schema up to date, back it up, put a backup back, look whether all is well."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.next_step import commanded
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verbs, argument, as_json, confirm, confirmed, option
from ejsync.errors import Exit, NotFound
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.settings import Settings
    from ejsync.store.restoring import Restored

MEGABYTE = 1_000_000

group = Verbs(
    "db",
    help=N_("Look after the store: upgrade, back up, restore, check."),
    examples=("ejsync db check", "ejsync db backup --keep 14", "ejsync db restore backups/ejsync-20261101T020000.db"),
)


@group.command(
    "upgrade",
    help=N_(
        "Bring the store's schema to this version of ejsync. Opening the store does the same by itself; a backup is"
        " taken before. With --check: change nothing, exit 6 if an upgrade is due."
    ),
    examples=("ejsync db upgrade --check", "ejsync db upgrade"),
)
@option("--check", is_flag=True, help=N_("Tell whether an upgrade is due and change nothing."))
@as_json
@pass_desk
def upgrade(desk: Desk, *, check: bool, as_json: bool) -> int:
    """Compare versions; open the store, which upgrades it."""
    from ejsync.store.inspection import health
    from ejsync.store.migrations import NEWEST

    path = existing(desk)
    before = health(path).version
    due = before is None or before < NEWEST
    backup = _upgraded(path, desk.settings()) if due and not check else None
    if as_json:
        showing.document({"ok": not (due and check), "before": before, "newest": NEWEST, "due": due, "backup": backup})
    elif not due:
        showing.line(say(N_("The schema is version {version}: nothing to do."), version=before), GOOD)
    elif check:
        showing.line(say(N_("An upgrade is due: {before} → {after}."), before=before or "-", after=NEWEST), WARNING)
        showing.line(f"→ {commanded('ejsync db upgrade')}")
    else:
        showing.line(say(N_("Upgraded: {before} → {after}."), before=before or "-", after=NEWEST), GOOD)
        if backup:
            showing.line(say(N_("The store as it was before: {path}"), path=backup))
    return Exit.STALE if due and check else Exit.WELL


def existing(desk: Desk) -> Path:
    """Return the store's file.

    Raises:
        NotFound: it was never made.
    """
    path = desk.settings().store.path
    if not path.is_file():
        raise NotFound(what=say(N_("store")), name=str(path), listing="ejsync doctor")
    return path


def _upgraded(path: Path, settings: "Settings") -> Path | None:
    from ejsync.bootstrap import vault_of
    from ejsync.runtime import SystemClock
    from ejsync.store import SqlStore

    with closing(vault_of(settings, path)) as keys:
        store = SqlStore(path, SystemClock(), keys)
        store.close()
    return store.upgraded.backup if store.upgraded else None


@group.command(
    "backup",
    help=N_(
        "Copy the store as it is at this moment, beside a running daemon, and check the copy. Without FILE it goes to"
        " the folder backups beside the store. Its payloads are sealed; the keys go to backups too, as one copy of"
        " their own."
    ),
    examples=("ejsync db backup", "ejsync db backup --keep 14", "ejsync db backup /mnt/safe/ejsync.db --json"),
)
@argument("file", metavar=N_("[FILE]"), required=False, type=click.Path(dir_okay=False, path_type=Path))
@option("--keep", metavar=N_("NUMBER"), type=click.IntRange(1, 10_000),
        help=N_("Delete all but so many of the newest backups in the folder."))  # fmt: skip
@as_json
@pass_desk
def backup(desk: Desk, *, file: Path | None, keep: int | None, as_json: bool) -> None:
    """Write one backup, then prune."""
    from ejsync.bootstrap import vault_of
    from ejsync.runtime import SystemClock
    from ejsync.store import backup as backups
    from ejsync.store.checking import examine
    from ejsync.vault import key_file_of

    store, now = existing(desk), SystemClock().now()
    made = backups.back_up(store, file or backups.place_for(store, now), now)
    if key_file_of(store).exists():
        with closing(vault_of(desk.settings(), store)) as keys:
            keys.back_up()
    pruned = backups.prune(store, keep, made.path) if keep is not None else []
    found = examine(made.path)
    if as_json:
        told = {"path": made.path, "size_bytes": made.size_bytes, "audit": dict(found.heads), "pruned": len(pruned)}
        showing.document({"ok": True, **told})
        return
    showing.line(str(made.path), GOOD)
    showing.line(say(N_("{megabytes} MB"), megabytes=f"{made.size_bytes / MEGABYTE:.1f}"))
    for school, (seq, head) in found.heads.items():
        showing.line(say(N_("{school}: {count} audit entries, head {head}"), school=school, count=seq, head=head))
    if pruned:
        showing.line(say_count("{count} old backup deleted", "{count} old backups deleted", len(pruned)))


@group.command(
    "restore",
    help=N_(
        "Put a backup in the place of the store. Refused while ejsync runs. The backup is checked first; the replaced"
        " store is kept among the backups; consents that ended since then stay ended. Afterwards everything is read"
        " anew, offered to the diaries anew, and compared with them."
    ),
    examples=(
        "ejsync db restore backups/ejsync-20261101T020000000000Z.db",
        "ejsync db restore /mnt/safe/ejsync.db --yes",
    ),
)
@argument("file", metavar=N_("FILE"), type=click.Path(exists=True, dir_okay=False, path_type=Path))
@confirmed
@as_json
@pass_desk
def restore(desk: Desk, *, file: Path, yes: bool, as_json: bool) -> None:
    """Ask, check, replace, tell."""
    from ejsync.bootstrap import vault_of
    from ejsync.runtime import SystemClock
    from ejsync.store import restoring

    path = desk.settings().store.path
    if not confirm(say(N_("Put {file} in the place of {store}?"), file=file, store=path), yes=yes):
        raise click.Abort
    with closing(vault_of(desk.settings(), path)) as keys:
        done = restoring.restore(path, file, SystemClock(), keys)
    if as_json:
        showing.document({"ok": True, **_told(done)})
        return
    showing.line(say(N_("{file} stands in the place of the store now."), file=file), GOOD)
    if done.kept:
        showing.line(say(N_("The replaced store: {path}"), path=done.kept))
    _tell_consents(done)
    showing.line(say(N_("Everything is read, offered and compared anew:")))
    showing.line(f"→ {commanded('ejsync run')}")


def _told(done: "Restored") -> dict[str, Any]:
    names = ("school", "pupil", "scope")
    return {
        "kept": done.kept,
        "audit_entries": dict(done.entries),
        "compared": done.readable,
        "consents_ended": [dict(zip(names, one, strict=True)) for one in done.ended],
        "consents_lost": [dict(zip(names, one, strict=True)) for one in done.lost],
    }


def _tell_consents(done: "Restored") -> None:
    """Say which decisions of families the backup does not know."""
    if not done.readable:
        sentence = N_(
            "The replaced store could not be read: register what families decided since the backup once more."
        )
        showing.line(say(sentence), BAD)
    if done.ended:
        showing.line(say(N_("Consents that ended since the backup; they have ended again:")), WARNING)
        _table(done.ended)
    if done.lost:
        showing.line(
            say(N_("Consents given since the backup; nothing leaves until they are registered again:")), WARNING
        )
        _table(done.lost)
        showing.line(f"→ {commanded('ejsync consent import FILE')}")


def _table(rows: tuple[tuple[str, str, str], ...]) -> None:
    showing.table([say(N_("School")), say(N_("Pupil")), say(N_("Scope"))], rows)
