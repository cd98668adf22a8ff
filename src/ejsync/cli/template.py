"""The settings file that `init` writes: the packaged template with the operator's answers in their places."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import ejsync

SECRETS = {"devkey": "secrets/eljur-devkey", "password": "secrets/eljur-password", "token": "secrets/ed-token"}
_SECTION = re.compile(r"\[\[?([\w.]+)\]?\]")
_KEY = re.compile(r"(\w+) = ")


def template() -> str:
    """Return the packaged settings file, else the one of the source tree."""
    here = Path(ejsync.__file__).parent
    packaged = here / "_config" / "ejsync.toml"
    file = packaged if packaged.is_file() else here.parents[1] / "config" / "ejsync.toml"
    return file.read_text(encoding="utf-8")


def filled(text: str, answers: Mapping[str, str], logins: tuple[str, ...]) -> str:
    """Put answers into a settings file; comments stay.

    Args:
        text: the template.
        answers: values by `section.key`, e.g. `schools.source.vendor`.
        logins: one account each; the first takes the template's block, the others get blocks of their own.
    """
    values = {**answers, "schools.source.accounts.login": logins[0]}
    return "\n".join(_lines(text, values, logins[1:])) + "\n"


def _lines(text: str, values: Mapping[str, str], others: tuple[str, ...]) -> Iterator[str]:
    section = ""
    for line in text.splitlines():
        if head := _SECTION.match(line):
            section = head[1]
        key = _KEY.match(line)
        place = f"{section}.{key[1]}" if key else ""
        yield f"{place.rpartition('.')[2]} = {_quoted(values[place])}" if place in values else line
        if place == "schools.source.accounts.sign_in":
            for number, login in enumerate(others, start=2):
                yield from _account(number, login)


def _account(number: int, login: str) -> Iterator[str]:
    yield ""
    yield "[[schools.source.accounts]]"
    yield f'name = "reader-{number}"'
    yield f"login = {_quoted(login)}"
    yield f'password = "file:{SECRETS["password"]}-{number}"'
    yield 'sign_in = "token"'


def _quoted(value: str) -> str:
    """Write a TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def secret_files(logins: tuple[str, ...]) -> list[str]:
    """Name the files that hold secrets, relative to the settings file."""
    further = [f"{SECRETS['password']}-{number}" for number in range(2, len(logins) + 1)]
    return [SECRETS["devkey"], SECRETS["password"], *further, SECRETS["token"]]
