"""`config`: what is in effect, and what is wrong."""

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
