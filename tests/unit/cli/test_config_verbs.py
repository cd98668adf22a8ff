"""`config`: what is in effect, and what is wrong."""

import re
from dataclasses import replace

import pytest

from ejsync.cli.entry import cli
from ejsync.domain.records import Feed
from tests.doubles.world import World
from tests.unit.cli.conftest import SETTINGS


def test_settings_in_effect_come_with_defaults_and_without_secrets(home, ask, run):
    """The whole model is told; a secret is its reference only."""
    told = ask("config", "show")
    assert told["delivery"]["batch_items"] == 500
    assert told["keys"]["master"].startswith("file:")
    assert "k" * 32 not in run("config", "show").stdout


def test_sound_settings_are_well(home, ask, run):
    """The file and its schools are named, and the next command."""
    assert ask("config", "validate")["ok"] is True
    assert "school-7" in run("config", "validate").stdout


def test_every_fault_is_named_at_once(home, run, ask):
    """Three faults in one file: each with key, problem and what would be right; exit 4."""
    text = SETTINGS.replace("Europe/Moscow", "Europe/Mosow").replace('"dryrun"', '"nowhere"')
    (home / "ejsync.toml").write_text(text + "[logs]\nlevle = 'info'\n", encoding="utf-8")
    result = run("config", "validate")
    assert result.exit_code == 4
    for key in ("schools[school-7].timezone", "sinks[ed].type", "logs.levle"):
        assert key in result.stderr
    faults = ask("config", "validate", code=4)["faults"]
    assert len(faults) == 3
    assert all(fault["file"] and fault["problem"] and fault["expected"] for fault in faults)


def test_an_empty_secret_is_named_by_its_file(home, run):
    """Not only the key of the setting but the file that is empty is said."""
    (home / "master.key").write_text("")
    assert "master.key" in run("config", "validate").stderr


def test_a_short_key_is_a_fault(home, run):
    """A key of fewer than 32 bytes is refused."""
    (home / "master.key").write_text("short")
    result = run("config", "validate")
    assert result.exit_code == 4
    assert "keys.master" in result.stderr


def test_a_missing_file_is_named(home, ask):
    """Without a settings file the one that was looked for is named."""
    assert ask("--config", "none.toml", "config", "validate", code=4)["faults"][0]["file"] == "none.toml"


def test_no_verb_takes_a_secret_as_an_argument():
    """What stands in a command line stands in the list of processes: no option and no argument is a secret."""
    secret = re.compile("secret|passw|token|devkey|master|pem", re.IGNORECASE)

    def params(command):
        yield from ((command.name, one) for one in command.params)
        for below in getattr(command, "commands", {}).values():
            yield from params(below)

    named = [(verb, one.name) for verb, one in params(cli) if secret.search(f"{one.name} {' '.join(one.opts)}")]
    assert len(list(params(cli))) > 50
    assert named == []


@pytest.mark.parametrize(
    "content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
@pytest.mark.parametrize("verb", ["doctor", "run", "config validate"])
def test_a_bad_bundle_is_a_fault_of_its_key(home, run, content, verb):
    """Missing, empty or unreadable: the key is named and the next step, at `doctor` and before anything starts."""
    if content is not None:
        (home / "authorities.pem").write_text(content)
    settings = f'{SETTINGS}\n[http]\nca_bundle = "authorities.pem"\n'
    (home / "ejsync.toml").write_text(settings, encoding="utf-8")
    result = run(*verb.split())
    assert result.exit_code == 4, result.output
    assert "http.ca_bundle" in result.output
    assert "→ " in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("code", ["EJ-408", "EJ-210"])
def test_status_tells_a_certificate_from_a_lost_line(lived, home, run, code):
    """An operator reads that waiting does not help, and who says what does."""
    world = World(home / "state")
    with world.tx() as tx:
        if code == "EJ-408":
            tx.marks.save_sink(replace(tx.marks.sink("ed"), error=code, failures=1))
        else:
            tx.marks.save_feed(replace(tx.marks.feed(Feed.MARKS), error=code))
    world.close()
    (told,) = [line for line in run("status").stdout.splitlines() if "certificate" in line]
    assert told.startswith(f"{code}: ")
    assert told.endswith("ejsync doctor")
