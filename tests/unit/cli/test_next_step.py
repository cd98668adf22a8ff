"""The next command as it must be typed here."""

import pytest

from ejsync.cli.next_step import commanded, remedy, use_config
from ejsync.errors import ConfigError, ConfigFault, HeldForApproval, NotFound
from ejsync.wording import use_language


@pytest.fixture(autouse=True)
def _english():
    """Speak English, and forget the settings file afterwards."""
    use_language("en")
    yield
    use_config(None)


def test_the_settings_file_of_this_command_line_is_named_again():
    """Every command of ours in a text gets the same --config, quoted; other words stay."""
    text = "The running ejsync sends them by itself; without one: ejsync sync"
    assert commanded(text) == text
    use_config("/srv/my school/ejsync.toml")
    assert commanded(text).endswith("itself; without one: ejsync --config '/srv/my school/ejsync.toml' sync")
    assert commanded("ejsync init") == "ejsync init"
    assert remedy(HeldForApproval(count=1)) == "ejsync --config '/srv/my school/ejsync.toml' batches list --state held"


def test_a_remedy_that_is_a_listing_is_typed_with_it_too():
    """Whatever builds the next command, it goes through here."""
    use_config("x.toml")
    assert remedy(NotFound(what="batch", name="f", listing="ejsync batches list")).startswith("ejsync --config x.toml ")


def test_settings_that_are_not_there_are_begun(tmp_path, monkeypatch):
    """A missing settings file advises init, in its folder; one with wrong keys does not."""
    monkeypatch.chdir(tmp_path)
    for file, step in (("ejsync.toml", "ejsync init"), (str(tmp_path / "s" / "e.toml"), f"ejsync init {tmp_path}/s")):
        fault = ConfigFault(file, "", "there is no such file", "a settings file")
        assert remedy(ConfigError(file=file, faults=(fault,))) == step
    wrong = ConfigFault("ejsync.toml", "schools", "unknown key", "x")
    assert "config validate" in remedy(ConfigError(file="ejsync.toml", faults=(wrong,)))


def test_only_a_lost_key_is_put_back():
    """A key too short is a fault like another one."""
    lost = ConfigFault("ejsync.toml", "keys.master", "the secret is missing or empty: file:k", "x")
    short = ConfigFault("file:k", "keys.master", "the key is too short", "x")
    assert "from its copy" in remedy(ConfigError(file="ejsync.toml", faults=(lost,)))
    assert "config validate" in remedy(ConfigError(file="file:k", faults=(short,)))
