"""`keys`: the keys that payloads are sealed with: how they stand, another master secret, a beginning without them."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ejsync.cli import showing
from ejsync.cli.db_verbs import existing
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.next_step import commanded
from ejsync.cli.showing import BAD, GOOD, WARNING
from ejsync.cli.speaking import Verbs, as_json, confirm, confirmed, option
from ejsync.errors import Exit
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.credentials import SecretRef
    from ejsync.store.checking import Finding
    from ejsync.vault import Vault

group = Verbs(
    "keys",
    help=N_("Look after the keys of sealed data: status, check, another master secret, begin anew without them."),
    examples=("ejsync keys status", "ejsync keys rotate --to file:state/master.new", "ejsync keys check"),
)


@group.command(
    "status",
    help=N_("Tell how many keys there are and which master secret wraps them; never a key. Changes nothing."),
    examples=("ejsync keys status", "ejsync keys status --json"),
)
@as_json
@pass_desk
def status(desk: Desk, *, as_json: bool) -> None:
    """Read the head of the key file."""
    from ejsync.vault import key_copies_of

    path = existing(desk)
    with _vault(desk) as vault:
        head, keys, destroyed = vault.standing()
        named, copies = _is_named(vault), len(key_copies_of(path))
    if as_json:
        told = {"path": vault.path, "master": head.master, "keys": keys, "destroyed": destroyed}
        showing.document({"ok": named, **told, "settings_name_master": named, "copies": copies})
        return
    showing.facts(
        {
            N_("Key file"): vault.path,
            N_("Master secret"): head.master,
            N_("Keys"): keys,
            N_("Keys destroyed"): destroyed,
            N_("Copies among the backups"): copies,
        }
    )
    if not named:
        _tell_unnamed(desk, head.reference)


def _vault(desk: Desk) -> "closing[Vault]":
    from ejsync.bootstrap import vault_of

    return closing(vault_of(desk.settings()))


def _is_named(vault: "Vault") -> bool:
    from ejsync.errors import ConfigError

    try:
        return vault.is_named
    except ConfigError:
        return False


def _tell_unnamed(desk: Desk, reference: str) -> None:
    named = desk.settings().keys.master
    sentence = N_("The settings name another master secret ({named}) than the one that wraps the keys.")
    showing.line(say(sentence, named=named), WARNING)
    if reference:
        showing.line(say(N_('→ in the settings: keys.master = "{reference}"'), reference=reference))


@group.command(
    "check",
    help=N_(
        "Unwrap every key and open everything that is sealed in the store. Exit 4 if the master secret, the key file,"
        " its copy and the store do not fit together, or the store cannot be read through. Changes nothing."
    ),
    examples=("ejsync keys check", "ejsync keys check --json"),
)
@as_json
@pass_desk
def check(desk: Desk, *, as_json: bool) -> int:
    """Unwrap, open, tell."""
    from ejsync.store.checking import SHUT, examine
    from ejsync.vault import key_copy_left_behind

    path = existing(desk)
    with _vault(desk) as vault:
        keys, found = vault.verify(), examine(path, vault).findings
        behind = key_copy_left_behind(path, vault.standing()[0].master)
    _refuse(path, found)
    shut = sum(finding.count for finding in found if finding.name == SHUT)
    well = not shut and behind is None
    if as_json:
        showing.document({"ok": well, "keys": keys, "shut": shut, "copy_left_behind": behind})
    else:
        for line, style in _told(shut, behind):
            showing.line(line, style)
    return Exit.WELL if well else Exit.CONFIGURATION


def _refuse(store: Path, found: Iterable["Finding"]) -> None:
    """Let nobody believe that what was not even looked at opens."""
    from ejsync.errors import StoreError
    from ejsync.store.checking import DAMAGED, KEYS, UPGRADE_DUE

    unread = {DAMAGED: N_("pages are damaged"), UPGRADE_DUE: N_("the schema is older than this ejsync")}
    for finding in found:
        if finding.name == KEYS and finding.error:
            raise finding.error
        if finding.name in unread:
            raise StoreError(path=str(store), reason=say(unread[finding.name]))


def _told(shut: int, behind: Path | None) -> Iterator[tuple[str, str]]:
    if shut:
        yield say_count("{count} sealed value does not open", "{count} sealed values do not open", shut), BAD
        yield f"→ {commanded('ejsync keys start-anew')}", ""
    if behind is not None:
        yield say(N_("The copy of the key file is not under this master secret: {path}"), path=behind), BAD
        yield f"→ {commanded('ejsync db backup')}", ""
    if not shut and behind is None:
        yield say(N_("Every key opens, and all that is sealed.")), GOOD


@group.command(
    "rotate",
    help=N_(
        "Wrap every key under another master secret. What is sealed stays as it is; a running daemon goes on. Killed"
        " at any moment, the old secret or the new one opens the keys. Afterwards name the new one in the settings."
    ),
    examples=("ejsync keys rotate --to file:state/master.new", "ejsync keys rotate --to env:EJSYNC_MASTER"),
)
@option("--to", required=True, metavar=N_("REF"), help=N_("Where the new master secret stands: file:PATH or env:NAME."))
@as_json
@pass_desk
def rotate(desk: Desk, *, to: str, as_json: bool) -> None:
    """Reveal the new master, wrap anew, say what comes next."""
    from ejsync.vault import Master, master_of

    reference, _ = _reference(to), existing(desk)
    master = Master(master_of(reference))
    with _vault(desk) as vault:
        keys = vault.rewrap(master, str(reference))
        named = _is_named(vault)
    if as_json:
        showing.document({"ok": True, "keys": keys, "master": master.id, "settings_name_master": named})
        return
    told = say_count("{count} key is wrapped anew", "{count} keys are wrapped anew", keys)
    showing.line(f"{told}: {master.id}", GOOD)
    if not named:
        showing.line(say(N_("Until the settings name it, the new secret is taken from where it stands now.")))
        showing.line(say(N_('→ in the settings: keys.master = "{reference}"'), reference=reference))
    showing.line(f"→ {commanded('ejsync keys check')}")
    showing.line(say(N_("→ then destroy the old secret, and every copy of it")))


def _reference(text: str) -> "SecretRef":
    from ejsync.credentials import SecretRef

    try:
        return SecretRef.parse(text, Path.cwd())
    except ValueError:
        raise click.UsageError(say(N_("--to takes file:PATH or env:NAME, never the secret itself."))) from None


@group.command(
    "start-anew",
    help=N_(
        "Where the master secret or the key file is lost for good: go on without what cannot be read any more. It is"
        " read from the journal again and takes the place of what the diaries hold; nothing is doubled. What the office"
        " imported is lost and is to be imported again. Refused while ejsync runs."
    ),
    examples=("ejsync keys start-anew", "ejsync keys start-anew --yes"),
)
@confirmed
@as_json
@pass_desk
def start_anew(desk: Desk, *, yes: bool, as_json: bool) -> None:
    """Ask, begin anew, tell what is lost."""
    from ejsync.runtime import SystemClock
    from ejsync.store.anew import start_anew as begin

    path = existing(desk)
    if not confirm(say(N_("Give up everything in {store} that the keys at hand do not open?"), store=path), yes=yes):
        raise click.Abort
    with _vault(desk) as vault:
        done = begin(path, SystemClock(), vault)
    _sign(desk)
    if as_json:
        showing.document({"ok": True, "kept": done.kept, "lost": dict(done.lost), "erased": done.erased})
        return
    lost = sum(done.lost.values())
    showing.line(say_count("{count} value was lost", "{count} values were lost", lost), WARNING if lost else GOOD)
    if done.lost.get("office_row"):
        showing.line(say(N_("Import the office's sheets again: ejsync import list names them.")), WARNING)
    if done.erased:
        told = say_count(
            "{count} pupil was erased before: reading brings him back. Erase him again: the act names him.",
            "{count} pupils were erased before: reading brings them back. Erase them again: the acts name them.",
            done.erased,
        )
        showing.line(told, WARNING)
    if done.kept:
        showing.line(say(N_("The key file that could not be used: {path}"), path=done.kept))
    showing.line(say(N_("Everything is read, offered and compared anew:")))
    showing.line(f"→ {commanded('ejsync run')}")


def _sign(desk: Desk) -> None:
    """Let the new key vouch for the log that the former one has signed."""
    from ejsync.pipeline.witnessing import sign_log

    with desk.exchange() as exchange:
        for wiring in exchange.schools.values():
            with exchange.store.begin(wiring.school) as tx:
                sign_log(wiring, tx)
