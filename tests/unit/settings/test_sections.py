"""The sections: defaults, and the examples in config/ that name them."""

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from ejsync.settings import Settings, load
from ejsync.sinks.ed.config import EdConfig
from ejsync.sources.eljur.config import EljurAccount, EljurConfig

CONFIG = Path(__file__).parents[3] / "config"


def test_the_least_file_gets_every_default(write, least):
    """One school is enough; all else has a default."""
    settings = load(write(least))
    assert settings.delivery.batch_items == 500
    assert settings.schools[0].zone == ZoneInfo("Asia/Omsk")
    assert settings.guard.rule().least_count == 25


def test_settings_cannot_be_changed(write, least):
    """What was loaded stays as it was loaded."""
    with pytest.raises(ValueError, match="frozen"):
        load(write(least)).delivery.batch_items = 1


def test_the_example_loads_without_faults(write):
    """config/ejsync.toml is usable as it stands, once its secrets are there."""
    assert load(write((CONFIG / "ejsync.toml").read_text(encoding="utf-8"))).schools[0].name == "lyceum"


def test_the_example_names_every_setting_with_its_default(write, least):
    """What config/ejsync.toml shows beside the school is exactly what holds without it."""
    example = load(write((CONFIG / "ejsync.toml").read_text(encoding="utf-8")))
    plain = load(write(least))
    assert example.model_dump(exclude={"schools"}) == plain.model_dump(exclude={"schools"})
    text = (CONFIG / "ejsync.toml").read_text(encoding="utf-8")
    written = tomllib.loads(text)
    for path, optional in _settings(Settings):
        assert _stands(written, path) or (optional and re.search(rf"^# {path[-1]} = ", text, re.MULTILINE)), path


@pytest.mark.parametrize("model", [EljurConfig, EljurAccount, EdConfig])
def test_the_example_names_every_setting_of_the_connectors(model):
    """Each key of a journal, an account and a diary service stands in config/ejsync.toml, commented out or not."""
    text = (CONFIG / "ejsync.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE)) | {"accounts"}
    assert set(model.model_fields) <= keys


def test_every_setting_is_described():
    """No key is without a sentence that says what it means."""
    assert [path for path, field in _fields(Settings) if not field.description] == []


def test_the_development_example_loads(monkeypatch):
    """config/ejsync.dev.toml is usable with the variables of config/ejsync.env.example."""
    for line in (CONFIG / "ejsync.env.example").read_text(encoding="utf-8").splitlines():
        if line.startswith("EJSYNC_"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value or "dummy")
    monkeypatch.setenv("EJSYNC_CONFIG", str(CONFIG / "ejsync.dev.toml"))
    assert load().schools[0].name == "sandbox"


def _fields(model, path=()):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, (*path, name))
        else:
            yield (*path, name), field


def _settings(model):
    return [(path, field.default is None) for path, field in _fields(model)]


def _stands(data, path):
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data is not None
