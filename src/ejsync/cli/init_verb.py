"""`init`: a settings file, a master key and empty secret files, in a folder that is then a working place."""

import os
import re
import secrets
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from ejsync.cli import showing
from ejsync.cli.speaking import Verb, argument, on_terminal, option
from ejsync.cli.template import filled, secret_files, template
from ejsync.errors import BadInput, ConfigError
from ejsync.wording import N_, say

FILE = "ejsync.toml"
KEY_BYTES = 32
STEPS = (
    "config validate",
    "doctor",
    "sync --dry-run",
    "sync --feed roster",
    "consent template consents.csv",
    "consent import consents.csv",
    "sync",
    "run",
)
"""What to do next, in the README's order."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing `init` asks: its option, its place in the settings, its default, what is right."""

    option: str
    place: str
    default: str
    right: Callable[[str], bool] = bool


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


_ADDRESS = _matches(r"https?://[^\s?#@]+")
_NAME, _VENDOR = _matches(r"[a-z0-9][a-z0-9-]{0,39}"), _matches(r"[0-9A-Za-z_.-]{1,100}")
_WORDS = {
    "title": N_("The school's name, as people write it"),
    "name": N_("Its short name: small Latin letters, digits, hyphens"),
    "timezone": N_("Its time zone"),
    "vendor": N_("The school's sub-domain in ElJur"),
    "eljur": N_("Address of the ElJur API"),
    "login": N_("Login of the ElJur account that reads (several: with spaces between)"),
    "diary": N_("Address of the diary service"),
}
QUESTIONS = (
    Question("title", "schools.title", "Лицей"),
    Question("name", "schools.name", "lyceum", _NAME),
    Question("timezone", "schools.timezone", "Europe/Moscow", _is_zone),
    Question("vendor", "schools.source.vendor", "{name}", _VENDOR),
    Question("eljur", "schools.source.base_url", "https://{vendor}.eljur.ru/apiv3", _ADDRESS),
    Question("login", "", "ejsync"),
    Question("diary", "schools.sinks.base_url", "https://ed.example.ru/api", _ADDRESS),
)


def _answers(given: dict[str, Any], *, ask: bool) -> dict[str, str]:
    """Take what was given; ask for the rest or take its default, which may lean on answers before it."""
    found: dict[str, str] = {}
    for question in QUESTIONS:
        value = " ".join(given["login"]) if question.option == "login" else given[question.option]
        default = question.default.format_map(found)
        found[question.option] = value or (_asked(question, default) if ask else default)
    return found


def _asked(question: Question, default: str) -> str:
    def checked(text: str) -> str:
        if not question.right(text.strip()):
            raise click.BadParameter(say(N_("this does not fit")))
        return text.strip()

    text: str = click.prompt(say(_WORDS[question.option]), default=default, value_proc=checked, err=True)
    return text


@click.command(
    "init",
    cls=Verb,
    help=N_("Set up a folder: settings, master key, empty secret files. Asks on a terminal; nothing is overwritten."),
    examples=(
        "ejsync init",
        "ejsync init /etc/ejsync --yes",
        'ejsync init --title "Лицей № 1" --name lyceum1 --timezone Asia/Omsk --vendor lyceum1',
    ),
)
@argument("folder", metavar=N_("[DIR]"), required=False, type=click.Path(file_okay=False, path_type=Path))
@option("--title", metavar=N_("TEXT"), help=_WORDS["title"])
@option("--name", metavar=N_("NAME"), help=_WORDS["name"])
@option("--timezone", metavar=N_("ZONE"), help=_WORDS["timezone"])
@option("--eljur", metavar=N_("URL"), help=_WORDS["eljur"])
@option("--vendor", metavar=N_("NAME"), help=_WORDS["vendor"])
@option(
    "--login", multiple=True, metavar=N_("LOGIN"), help=N_("Login of an ElJur account that reads; may be repeated.")
)
@option("--diary", metavar=N_("URL"), help=_WORDS["diary"])
@option("--force", is_flag=True, help=N_("Overwrite an ejsync.toml that is there; never the key."))
@option("--yes", is_flag=True, help=N_("Ask nothing and take the defaults."))
def init(folder: Path | None, *, force: bool, yes: bool, **given: Any) -> None:
    """Write everything, or nothing if the settings would not load."""
    home = folder or Path()
    if (home / FILE).exists() and not force:
        raise BadInput(what=str(home / FILE), faults=(say(N_("It is there already; --force overwrites it.")),))
    answers = _answers(given, ask=not yes and on_terminal())
    logins = tuple(answers["login"].replace(",", " ").split())
    places = {question.place: answers[question.option] for question in QUESTIONS if question.place}
    _write_settings(home, filled(template(), places, logins))
    key_is_new = _write_key(home / "state" / "master.key")
    for name in secret_files(logins):
        _touch_private(home / name)
    _tell(home, logins, key_is_new=key_is_new)


def _write_settings(home: Path, text: str) -> None:
    """Write the settings file, once it is known to load; secrets are not looked for."""
    from ejsync.settings import load

    _folder(home, 0o755)
    draft, file = home / f".{FILE}.new", home / FILE
    draft.write_text(text, encoding="utf-8")
    try:
        load(draft, reveal=False)
        draft.replace(file)
    except ConfigError as error:
        faults = tuple(replace(fault, file=str(file)) if fault.file == str(draft) else fault for fault in error.faults)
        raise ConfigError(file=str(file), faults=faults) from None
    finally:
        draft.unlink(missing_ok=True)


def _folder(path: Path, mode: int) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=mode)
    except OSError as error:
        raise BadInput(what=str(path), faults=(error.strerror or type(error).__name__,)) from None


def _write_key(file: Path) -> bool:
    """Write a fresh master key unless there is one: another key would re-send everything."""
    _folder(file.parent, 0o700)
    if file.exists():
        return False
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as key:
        key.write(secrets.token_hex(KEY_BYTES) + "\n")
    return True


def _touch_private(file: Path) -> None:
    _folder(file.parent, 0o700)
    file.touch(mode=0o600, exist_ok=True)


def _tell(home: Path, logins: tuple[str, ...], *, key_is_new: bool) -> None:
    showing.line(say(N_("Settings: {file}"), file=home / FILE))
    key = home / "state" / "master.key"
    kept = N_("Master key: {file} (kept as it was)")
    showing.line(say(N_("Master key: {file} (keep a copy in a safe place)") if key_is_new else kept, file=key))
    showing.line(say(N_("Now write the secrets into these files, one in each:")))
    for name, purpose in zip(secret_files(logins), _purposes(logins), strict=True):
        showing.line(f"  {home / name}  ({purpose})")
    showing.line(say(N_("Then:")))
    where = "" if home == Path() else f"--config {shlex.quote(str(home / FILE))} "
    for command in STEPS:
        showing.line(f"  ejsync {where}{command}")


def _purposes(logins: tuple[str, ...]) -> list[str]:
    """Say of each secret file whose secret it holds, in the order of the files."""
    passwords = [say(N_("password of the login “{login}”"), login=login) for login in logins]
    return [say(N_("the school's devkey for ElJur")), *passwords, say(N_("the diary's token"))]
