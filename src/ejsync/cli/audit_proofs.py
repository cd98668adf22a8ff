"""`audit verify`, `export`, `checkpoint` and `key`: how others can trust the log without trusting ejsync."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ejsync.cli import showing
from ejsync.cli.audit_verbs import group
from ejsync.cli.desk import Desk, pass_desk
from ejsync.cli.files import put
from ejsync.cli.showing import GOOD
from ejsync.cli.speaking import argument, as_json, of_school, option
from ejsync.wording import N_, say, say_count

if TYPE_CHECKING:
    from ejsync.bootstrap import Exchange
    from ejsync.domain.checkpoints import Checkpoint
    from ejsync.pipeline.ports import Wiring
    from ejsync.store.database import SqlTransaction

__all__ = ["group"]
_ED = "ed"
_SHA256 = "[0-9a-f]{64}"


@group.command(
    "verify",
    help=N_(
        "Work every hash, tree and signature out again. Exit 8 if an entry was altered, removed or put in. That the end"
        " was cut off or an older database put back is found against what was kept elsewhere: a checkpoint, or what the"
        " diary was sent."
    ),
    examples=(
        "ejsync audit verify",
        "ejsync audit verify --against ed",
        "ejsync audit verify --against checkpoint.txt",
        "ejsync audit verify --file audit.jsonl --key HEX",
    ),
)
@option(
    "--against", multiple=True, metavar=N_("FILE|ed"),
    help=N_("A file of checkpoints, or `ed`: what the diary keeps of them; may be repeated."),
)  # fmt: skip
@option("--head", metavar=N_("HASH"), help=N_("A head that an earlier verify printed: one entry must still have it."))
@option("--key", metavar=N_("HEX"), help=N_("The public key that is trusted; by default the one at hand."))
@option(
    "--file", metavar=N_("PATH"), type=click.Path(dir_okay=False, path_type=Path),
    help=N_("Verify a file that `audit export` wrote, alone; no store is opened."),
)  # fmt: skip
@of_school
@as_json
@pass_desk
def verify(desk: Desk, /, *, school: str | None, as_json: bool, **asked: Any) -> None:
    """Verify each log from its first entry; the first break ends it all."""
    found = _verified(desk, school, asked)
    compared = bool(asked["against"] or asked["head"])
    if as_json:
        showing.document({"ok": True, "schools": found, "tail_checked": compared})
        return
    for one in found:
        _show(one)
    if asked["file"] is not None and asked["key"] is None:
        showing.note(say(N_("Only --key, known from the school, shows that nobody signed the log anew.")))
    if not compared:
        showing.note(say(N_("Only --against what is kept elsewhere finds that the end was cut off.")))


def _verified(desk: Desk, school: str | None, asked: dict[str, Any]) -> list[dict[str, Any]]:
    from ejsync.cli.audit_check import Elsewhere, check_file, check_store, kept_by_diaries, kept_in

    files = [one for path in asked["against"] if path != _ED for one in kept_in(Path(path))]
    known = Elsewhere(school, _hex(asked["head"]), tuple(files), _hex(asked["key"]))
    ask_diaries = _ED in asked["against"]
    if asked["file"] is not None and not ask_diaries:
        return check_file(asked["file"], known)
    with desk.exchange() as exchange:
        if ask_diaries:
            told = kept_by_diaries(exchange, school)
            known = Elsewhere(school, known.head, (*files, *told), known.key)
        return check_store(exchange, known) if asked["file"] is None else check_file(asked["file"], known)


def _show(one: dict[str, Any]) -> None:
    count, school = one["entries"], one["school"]
    told = say_count("{school}: {count} entry, unbroken", "{school}: {count} entries, unbroken", count, school=school)
    showing.line(told, GOOD)
    signed = say_count(
        "signed up to entry {size}, {count} checkpoint", "signed up to entry {size}, {count} checkpoints",
        one["checkpoints"], size=one["signed"],
    )  # fmt: skip
    showing.line(f"  {signed}")
    showing.line(f"  {one['head']}")


def _hex(text: str | None) -> str | None:
    if text is None or re.fullmatch(_SHA256, text.strip().lower()):
        return text and text.strip().lower()
    raise click.UsageError(say(N_("A head or a key is 64 hex digits.")))


@group.command(
    "export",
    help=N_(
        "Write the log to a file, signed: one JSON object a line, as docs/audit-format.md describes it;"
        " tools/verify_audit.py checks it without ejsync."
    ),
    examples=("ejsync audit export audit.jsonl", "ejsync audit export - --school lyceum"),
)
@argument("path", metavar=N_("PATH"), type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@option("--force", is_flag=True, help=N_("Overwrite a file that is there."))
@of_school
@pass_desk
def export(desk: Desk, *, path: Path, force: bool, school: str | None) -> None:
    """Write every entry and every checkpoint of the schools; each log ends with a checkpoint of all of it."""
    with desk.exchange() as exchange:
        if str(path) == "-":
            for text in _lines(exchange, school):
                click.echo(text)
            return
        count = put(path, _lines(exchange, school), force=force)
    showing.line(say_count("{count} line written to {path}", "{count} lines written to {path}", count, path=path))


def _lines(exchange: "Exchange", school: str | None) -> Iterator[str]:
    for wiring in sorted(exchange.school(school), key=lambda one: one.school):
        _signed(wiring)
        with exchange.store.read(wiring.school) as tx:
            yield from _proven(wiring, tx)


def _proven(wiring: "Wiring", tx: "SqlTransaction") -> Iterator[str]:
    """Yield the lines of a log as long as it verifies."""
    from ejsync.cli.audit_check import trust_in
    from ejsync.domain.audit import unbroken
    from ejsync.domain.audit_export import exported
    from ejsync.domain.checkpoints import in_order, witnessed

    checkpoints, events = in_order(wiring.school, tx.checkpoints.every()), unbroken(wiring.school, tx.audit.walk())
    return exported(witnessed(wiring.school, events, checkpoints, trust_in(wiring.signer.public)), checkpoints)


@group.command(
    "checkpoint",
    help=N_("Sign what the log holds now, and show the line to be kept elsewhere: see `audit verify --against`."),
    examples=("ejsync audit checkpoint", "ejsync audit checkpoint > checkpoint.txt"),
)
@option(
    "--anew", is_flag=True,
    help=N_(
        "The loss that `audit verify` tells of was looked into: put the checkpoint beside the store aside, note that in"
        " the log, and sign what there is."
    ),
)  # fmt: skip
@of_school
@as_json
@pass_desk
def checkpoint(desk: Desk, *, anew: bool, school: str | None, as_json: bool) -> None:
    """Make a checkpoint of each log that has grown, and print the newest."""
    with desk.exchange() as exchange:
        for wiring in exchange.school(school) if anew else ():
            _put_aside(exchange, wiring)
        made = [one for wiring in exchange.school(school) if (one := _signed(wiring)) is not None]
    if as_json:
        showing.document({"checkpoints": [{**one.document(), "line": one.line()} for one in made]})
        return
    for one in made:
        click.echo(one.line())


def _put_aside(exchange: "Exchange", wiring: "Wiring") -> None:
    """Witness first what is put aside: the log tells it to whoever reads it later."""
    kept = exchange.store.kept_checkpoint(wiring.school)
    if kept is not None:
        with wiring.store.begin(wiring.school) as tx:
            told = {"number": kept.number, "size": kept.size, "root": kept.root}
            tx.audit.append("checkpoint.put_aside", told, wiring.clock.now())
        exchange.store.checkpoint_file.put_aside(wiring.school)


def _signed(wiring: "Wiring") -> "Checkpoint | None":
    from ejsync.pipeline.witnessing import sign_log

    with wiring.store.begin(wiring.school) as tx:
        return sign_log(wiring, tx)


@group.command(
    "key",
    help=N_("Show the public key that signs the log; whoever checks an export must know it from the school itself."),
    examples=("ejsync audit key",),
)
@as_json
@pass_desk
def key(desk: Desk, *, as_json: bool) -> None:
    """Print the public key."""
    with desk.exchange() as exchange:
        public = next(iter(exchange.schools.values())).signer.public
    if as_json:
        showing.document({"key": public, "algorithm": "Ed25519"})
        return
    showing.line(public)
