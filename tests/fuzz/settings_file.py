"""Target: the settings: the file, and the environment above it."""

import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from ejsync.errors import ConfigError
from ejsync.settings.loading import load
from tests.fuzz.mutation import CANARY, TEXTS, torn
from tests.fuzz.running import MEMORY, Target

_SHIPPED = Path(__file__).parents[2] / "config" / "ejsync.toml"
_VALUES = (
    *("1", "-1", "0", "1e400", "inf", "nan", "true", "[]", "{}", '""', "9" * 30, "9" * 5000, "0x" + "f" * 5000),
    *(
        "2026-11-16",
        "07:32:00",
        "1979-05-27T07:32:00Z",
        "[[]]",
        "[{}]",
        "{a = 1}",
        '"file:"',
        '"env:"',
        '"file:\\u0000"',
    ),
    *('"..\\u002f"', '"\\U0001F600"', f'"{CANARY}"', f'["{CANARY}"]', f'{{x = "{CANARY}"}}', "'''\n'''", '"%(x)s{y}"'),
)
_VARIABLES = ("STORE__PATH", "KEYS__MASTER", "HTTP__TOTAL_S", "SCHOOLS", "FEEDS", "LOGS", "X__Y", "GUARD__LEAST_COUNT")
_CONTENTS = (
    "",
    "[",
    "{",
    "[]",
    "{}",
    '[{"a": 1}]',
    "1",
    "-1",
    "1e400",
    "9" * 5000,
    "[" * 5000,
    "\udcff",
    f'["{CANARY}"]',
)


@cache
def corpus():
    """The settings as shipped, line by line, without the remarks, with the canary where a secret is put by mistake."""
    lines = [line for line in _SHIPPED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(line.replace('"file:secrets/', f'"{CANARY}') for line in lines)


def mutant(rng):
    """A file with other values, lost or doubled lines and broken bytes, and now and then a variable."""
    lines = list(corpus())
    if rng.random() < 0.8:
        lines = [line.replace(f'"{CANARY}', '"env:PATH" # ') for line in lines]
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        at, way = rng.randrange(len(lines)), rng.randrange(5)
        key, sign, _ = lines[at].partition(" = ")
        if way < 3 and sign:
            lines[at] = f"{key} = {rng.choice(_VALUES)}" if key != "name" else "name = 7"
        elif way == 3:
            lines.insert(rng.randrange(len(lines)), lines[at])
        else:
            del lines[at]
    content = "\n".join(lines).encode()
    content = torn(rng, content, most=2) if rng.random() < 0.3 else content
    variables = {f"EJSYNC_{rng.choice(_VARIABLES)}": rng.choice((*_CONTENTS, *TEXTS))} if rng.random() < 0.3 else {}
    return content, {name: value.replace("\0", "") for name, value in variables.items() if _fits(value)}


def _fits(value):
    try:
        return bool(os.fsencode(value))
    except UnicodeEncodeError:
        return False


def _extremes():
    for content in (
        *(
            b"",
            b"\0",
            b"\xff\xfe",
            b"a = " + b"[" * 100_000,
            b"a" + b".a" * 100_000 + b" = 1",
            b"[" + b"a." * 5000 + b"a]",
        ),
        *(
            b"a = " + b"9" * 5000,
            b"a = 0x" + b"f" * 100_000,
            b"a = " + b"{b=" * 2000,
            b'a = "' + b"\\" * 9999,
            b"=" * 9999,
        ),
        *(b"[[schools]]\n" * 300, b"a = 1e" + b"9" * 5000, b"a = 0001-01-01", b"a = 9999-12-31T23:59:59.9+23:59"),
        *(b"\xef\xbb\xbf" * 3, b"a = '''" + b"\n" * 100_000, b"".join(b"k%d = 1\n" % n for n in range(300))),
    ):
        yield content, {}


@cache
def _folder():
    return tempfile.TemporaryDirectory(prefix="ejsync-fuzz-", dir=MEMORY)


def execute(made):
    """Load the settings with their variables, as every verb does; the text of a `ConfigError` names each fault."""
    content, variables = made
    file = Path(_folder().name) / "ejsync.toml"
    file.write_bytes(content)
    os.environ.update(variables)
    try:
        load(file, reveal=False)
    except ConfigError as error:
        told = tuple(replace(fault, key="") for fault in error.faults)  # keys and names are told, values are not
        raise ConfigError(file=error.file, faults=told) from None
    finally:
        for name in variables:
            del os.environ[name]
    return ""


def target():
    """Settings."""
    return Target("settings", (ConfigError,), tuple(_extremes()), mutant, execute)
