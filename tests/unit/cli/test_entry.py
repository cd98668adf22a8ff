"""The way in: language, global options, light start."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from ejsync.cli.entry import cli, hoisted

HEAVY = ["sqlalchemy", "sqlmodel", "pydantic", "httpx", "rich", "uvicorn", "starlette", "jsonschema_rs", "apscheduler"]
LOOK = """
import sys, json
from ejsync.cli.entry import cli
try:
    cli.main(["--help"])
except SystemExit as end:
    assert end.code == 0
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def test_help_loads_nothing_heavy():
    """In a fresh interpreter `--help` imports none of the slow libraries."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert set() == set(HEAVY) & set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "words",
    [
        ["--lang", "ru", "sync", "--help"],
        ["sync", "--lang", "ru", "--help"],
        ["sync", "--help", "--lang=ru"],
        ["--lang=ru", "sync", "--help"],
    ],
)
def test_the_language_acts_on_help_wherever_it_stands(words):
    """Before or after the verb, with or without `=`: the help is Russian."""
    text = CliRunner().invoke(cli, words).stdout
    assert "Примеры" in text
    assert "Примеры" not in CliRunner().invoke(cli, [word.replace("ru", "en") for word in words]).stdout


def test_global_options_move_to_the_front():
    """What follows `--` is left alone, and so are the verb's own options."""
    words = ["sync", "--config", "x.toml", "--dry-run", "--lang=en", "--", "--debug"]
    assert hoisted(words) == ["--config", "x.toml", "--lang=en", "sync", "--dry-run", "--", "--debug"]
    assert hoisted(["sync", "--lang"]) == ["--lang", "sync"]


def test_a_language_that_is_not_spoken_is_a_wrong_use(run):
    """An unknown language ends with exit 2."""
    assert CliRunner().invoke(cli, ["--lang", "tlh", "status"]).exit_code == 2


def test_a_failure_names_the_settings_file_again(home, run):
    """What to type next carries the --config of this command line; another command line without it does not."""
    (home / "other.toml").write_bytes((home / "ejsync.toml").read_bytes())
    assert (
        "→ ejsync --config other.toml batches list" in run("batches", "show", "ffff", "--config", "other.toml").stderr
    )
    assert "→ ejsync batches list" in run("batches", "show", "ffff").stderr


def test_settings_that_are_not_there_advise_init(tmp_path, monkeypatch, run):
    """In an empty folder the next command is `ejsync init`."""
    monkeypatch.chdir(tmp_path)
    assert run("status").stderr.splitlines()[-1] == "→ ejsync init"


def test_no_short_help_is_cut(home):
    """At eighty columns every command is listed with its whole first sentence, in both languages."""
    for language in ("ru", "en"):
        for words in ([], *([name] for name, verb in cli.commands.items() if hasattr(verb, "commands"))):
            text = CliRunner().invoke(cli, ["--lang", language, *words, "--help"], terminal_width=80).stdout
            assert [line for line in text.splitlines() if line.startswith("  ") and line.endswith("...")] == [], (
                language,
                words,
            )


def test_the_version_is_told(run):
    """`--version` names the program and its version."""
    assert run("--version").stdout.startswith("ejsync ")


def test_every_verb_has_examples_and_help_in_both_languages():
    """No help page is without an example, and none is the same in both languages."""
    pages = dict(_pages(cli, ()))
    assert len(pages) > 30
    for words in pages:
        russian = CliRunner().invoke(cli, ["--lang", "ru", *words, "--help"]).stdout
        english = CliRunner().invoke(cli, ["--lang", "en", *words, "--help"]).stdout
        assert "Примеры:\n  ejsync" in russian, words
        assert "Examples:\n  ejsync" in english, words


def _pages(command, words):
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _pages(inner, (*words, name))
