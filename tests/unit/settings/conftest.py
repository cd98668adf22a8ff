"""A clean environment, and settings files beside dummy secrets."""

import pytest

from ejsync.wording import use_language

SECRETS = ("state/master.key", "secrets/eljur-devkey", "secrets/eljur-password", "secrets/ed-token")
LEAST = """
[[schools]]
name = "lyceum"
title = "Лицей"
timezone = "Asia/Omsk"
sinks = [{type = "dryrun", name = "dryrun"}]
source = {type = "recorded", folder = "pages"}
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """Speak English and see no settings of the machine the tests run on."""
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.delenv("EJSYNC_CONFIG", raising=False)
    use_language("en")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a settings file beside dummy secrets."""
    for name in SECRETS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("dummy")

    def _write(text):
        file = tmp_path / "ejsync.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return _write


@pytest.fixture
def least():
    """Return the least settings file that loads."""
    return LEAST


@pytest.fixture
def write_above(write):
    """Return a function that writes other sections above the least file."""
    return lambda text: write(f"{text}\n{LEAST}")


@pytest.fixture
def write_changed(write):
    """Return a function that writes the least file with one text replaced."""
    return lambda old, new: write(LEAST.replace(old, new))
