"""Read the settings: the file, then the environment above it, then every fault at once."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from ejsync.errors import ConfigError, ConfigFault
from ejsync.settings.complaints import ENVIRONMENT, Origin, complaints, duplicates
from ejsync.settings.sections import Settings
from ejsync.wording import N_, say

PREFIX = "EJSYNC_"
_NESTING = "__"
_LONGEST_LINE, _MOST_DOTS = 3_000, 100


class _Environment(Settings, BaseSettings):
    """The same settings, as environment variables spell them; only ever read, never made."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=_NESTING, env_ignore_empty=True)


class _Variables(EnvSettingsSource):
    """The environment, with text that is no JSON left as it is: the check of its place says what is wrong with it."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def chosen_file(path: Path | None = None) -> Path:
    """Return the settings file: the one given, else the one `EJSYNC_CONFIG` names, else `./ejsync.toml`."""
    return path or Path(os.environ.get("EJSYNC_CONFIG") or "ejsync.toml")


def load(path: Path | None = None, *, reveal: bool = True) -> Settings:
    """Read all settings; relative paths in them start at the file's own folder.

    Args:
        path: the settings file; None follows `chosen_file`.
        reveal: whether every secret that is named must be there already, readable and not empty.

    Raises:
        ConfigError: anything is wrong; it lists every fault.
    """
    file = chosen_file(path)
    from_file, from_environment = _from_file(file), _from_environment(file)
    data = _merged(from_file, from_environment)
    origin = Origin(str(file), PREFIX, _NESTING, data, from_environment)
    faults = duplicates(origin) + _strangers()
    try:
        settings = Settings.model_validate(data, context={"folder": file.resolve().parent, "reveal": reveal})
    except ValidationError as error:
        faults = complaints(error, origin) + faults
    if faults:
        raise ConfigError(file=str(file), faults=tuple(faults))
    return settings


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return _parsed(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        where, problem, expected = "", say(N_("the file is not UTF-8 text")), say(N_("a text file saved as UTF-8"))
    except ValueError as error:
        line = re.search(r"line (\d+)", str(error))
        where = say(N_("line {line}"), line=line[1]) if line else say(N_("the end of the file"))
        problem, expected = say(N_("this is no TOML")), say(N_("key = value; text stands in quotes"))
    except OSError:
        where, problem = "", say(N_("there is no such file, or it cannot be read"))
        expected = say(N_("a settings file; start from config/ejsync.toml"))
    raise ConfigError(file=str(file), faults=(ConfigFault(str(file), where, problem, expected),))


def _parsed(text: str) -> dict[str, Any]:
    """Parse TOML that people wrote: tomllib itself has no bounds of memory, depth and digits.

    Raises:
        ValueError: this is none.
    """
    for number, written in enumerate(text.split("\n"), start=1):
        if len(written) > _LONGEST_LINE or written.count(".") > _MOST_DOTS:
            raise ValueError(f"at line {number}")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError from None


def _from_environment(file: Path) -> Mapping[str, Any]:
    broken = [name for name, value in _ours().items() if value[:1] in {"[", "{"} and not _is_json(value)]
    if broken:
        problem, expected = say(N_("this is no JSON")), say(N_("a JSON list or object, or no variable at all"))
        faults = tuple(ConfigFault(say(ENVIRONMENT), name, problem, expected) for name in broken)
        raise ConfigError(file=str(file), faults=faults)
    return _Variables(_Environment)()


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _strangers() -> list[ConfigFault]:
    """Name variables that look like settings of a section that does not exist."""
    known = ", ".join(f"{PREFIX}{name.upper()}{_NESTING}…" for name in Settings.model_fields)
    strange = [name for name in _ours() if _NESTING in name and _section(name) not in Settings.model_fields]
    problem, expected = say(N_("unknown key")), say(N_("one of: {known}"), known=known)
    return [ConfigFault(say(ENVIRONMENT), name, problem, expected) for name in strange]


def _section(variable: str) -> str:
    return variable.removeprefix(PREFIX).split(_NESTING)[0].lower()


def _ours() -> dict[str, str]:
    return {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True
