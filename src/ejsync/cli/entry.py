"""The command line's way in: language, streams, global options, and the one place where failures become exit codes."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import ejsync
from ejsync.cli import (
    audit_proofs,
    batch_verbs,
    config_verbs,
    consent_verbs,
    contract_verbs,
    db_check,
    demo_verb,
    doctor_verb,
    extract_verb,
    import_verbs,
    init_verb,
    keys_verbs,
    legible,
    plan_verb,
    privacy_verbs,
    quarantine_verbs,
    reconcile_verb,
    report_verbs,
    run_verb,
    sandbox_verbs,
    source_verbs,
    status_verb,
    sync_verb,
)
from ejsync.cli.desk import Desk
from ejsync.cli.failing import ended
from ejsync.cli.next_step import use_config
from ejsync.cli.speaking import Verbs, option
from ejsync.wording import LANGUAGES, N_, use_language

_VALUED = ("--lang", "--config")
_FLAGS = ("--debug",)


class Entry(Verbs):
    """The root: global options work before and after the verb, and every ending has its exit code."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]  # click spells its own options out one by one
        """Run a command line and exit."""
        words = hoisted(list(sys.argv[1:] if args is None else args))
        language = _asked(words, "--lang")
        use_language(language if language in LANGUAGES else (None if legible.speaks_russian() else "en"))
        use_config(_asked(words, "--config"))
        extra["standalone_mode"] = False
        debug = "--debug" in words or os.environ.get("EJSYNC_DEBUG") == "1"
        named = prog_name or "ejsync"
        sys.exit(ended(lambda: super(Entry, self).main(words, named, **extra), as_json="--json" in words, debug=debug))


def hoisted(words: list[str]) -> list[str]:
    """Move the global options to the front, wherever they were typed; what follows `--` is left alone."""
    front, rest = [], []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word in _VALUED:
            front += [word, *[value for value in [next(waiting, None)] if value is not None]]
        elif word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _VALUED)):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def _asked(words: list[str], name: str) -> str | None:
    """Find a global option before click looks at anything: help and failures are told by it."""
    for number, word in enumerate(words):
        if word == "--":
            break
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name:
            return "".join(words[number + 1 : number + 2]) or None
    return None


def _version(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    del param
    if value and not ctx.resilient_parsing:
        click.echo(f"ejsync {ejsync.__version__}")
        ctx.exit()


@click.command(
    "ejsync",
    cls=Entry,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_("Carry a school's ElJur journal to the electronic diary: checked, consented, audited."),
    examples=(
        "ejsync init",
        "ejsync doctor",
        "ejsync sync --dry-run",
        "ejsync run",
        "ejsync status",
    ),
)
@option("--config", metavar=N_("PATH"), type=click.Path(path_type=Path), help=N_("The settings file; ./ejsync.toml."))
@option("--lang", type=click.Choice(LANGUAGES), help=N_("Language of messages and help."))
@option("--debug", is_flag=True, help=N_("Show where a bug happened."))
@option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=N_("Show the version."))
@click.pass_context
def cli(ctx: click.Context, *, config: Path | None, lang: str | None, debug: bool) -> None:
    """Remember the global options."""
    del lang  # chosen before click began
    ctx.obj = Desk(config, debug)


for command in (
    init_verb.init,
    config_verbs.group,
    doctor_verb.doctor,
    run_verb.run,
    plan_verb.plan,
    sync_verb.sync,
    status_verb.status,
    batch_verbs.group,
    reconcile_verb.reconcile,
    quarantine_verbs.group,
    audit_proofs.group,
    db_check.group,
    keys_verbs.group,
    consent_verbs.group,
    privacy_verbs.group,
    import_verbs.group,
    report_verbs.group,
    extract_verb.extract,
    contract_verbs.group,
    source_verbs.group,
    sandbox_verbs.group,
    demo_verb.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line of this process."""
    legible.prepare(sys.stdout, sys.stderr)
    cli.main()
