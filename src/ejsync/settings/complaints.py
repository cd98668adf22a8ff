"""Faults of the settings in our own sentences: pydantic's are English and repeat what was written, secrets included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, core_schema

from ejsync.errors import ConfigFault
from ejsync.settings.sections import Settings
from ejsync.wording import N_, say

Step = str | int
ENVIRONMENT = N_("environment")
_WHOLE = (N_("this is not a whole number"), N_("a whole number"))
_NUMBER = (N_("this is not a number"), N_("a number, with a point for fractions"))
_SWITCH = (N_("this is neither true nor false"), N_("true or false"))
_TEXT = (N_("this is not text"), N_("text in quotes"))
_LOW = N_("the number is too small")
_HIGH = N_("the number is too large")
_TABLE = (N_("this is not a table"), N_("a table of keys and values"))
_LIST = (N_("this is not a list"), N_("a list"))
_CHOICE = (N_("this value is not known"), N_("one of: {known}"))
_ADDRESS = (N_("this is not a web address"), N_("an address that starts with https://"))
_OTHER = (N_("this value cannot be used"), N_("what the comment beside this key in config/ejsync.toml describes"))

SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": (N_("the key is missing"), N_("a value; there is no default")),
    "extra_forbidden": (N_("unknown key"), _CHOICE[1]),
    "int": _WHOLE,
    "float": _NUMBER,
    "finite_number": _NUMBER,
    "bool": _SWITCH,
    "string": _TEXT,
    "path_type": _TEXT,
    "string_pattern_mismatch": (N_("the text has a wrong form"), N_("text of the form {pattern}")),
    "string_too_short": (N_("the text is too short"), N_("text of {min_length} characters or more")),
    "string_too_long": (N_("the text is too long"), N_("text of {max_length} characters or fewer")),
    "too_short": (N_("the list has too few entries"), N_("{min_length} or more entries")),
    "too_long": (N_("the list has too many entries"), N_("{max_length} or fewer entries")),
    "greater_than_equal": (_LOW, N_("{ge} or more")),
    "greater_than": (_LOW, N_("more than {gt}")),
    "less_than_equal": (_HIGH, N_("{le} or less")),
    "less_than": (_HIGH, N_("less than {lt}")),
    "model": _TABLE,
    "dict": _TABLE,
    "list": _LIST,
    "tuple": _LIST,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "union_tag_invalid": _CHOICE,
    "union_tag_not_found": (N_("the key is missing"), _CHOICE[1]),
    "url": _ADDRESS,
    "days_back": (N_("this is not a number of days"), N_('days from 0 to 400, or "school_year"')),
    "clock_time": (N_("this is no time of day"), N_("a time such as 01:00, in quotes")),
    "quiet_hours": (N_("these are no quiet hours"), N_("hours such as 22:30-05:30, or nothing, in quotes")),
    "zone_unknown": (N_("there is no such time zone"), N_("an IANA name such as Europe/Moscow or Asia/Omsk")),
    "file_missing": (
        N_("there is no such file"),
        N_("the path of a file, absolute or from the settings file's folder"),
    ),
    "sign_in": (
        N_("there is no one way to sign in"),
        N_("either token, or all of token_url, client_id and client_secret"),
    ),
    "certificate_unreadable": (
        N_("the file holds no certificate, or cannot be read"),
        N_("a readable PEM file: -----BEGIN CERTIFICATE-----"),
    ),
    "certificate_alone": (
        N_("a client certificate is not whole"),
        N_("both client_certificate and client_key, and client_key_password only beside them"),
    ),
    "certificate_place": (N_("a certificate and its key stand in files"), N_("file:PATH")),
    "key_mismatch": (
        N_("this key does not belong to client_certificate"),
        N_("the key that the certificate was issued for"),
    ),
    "key_unreadable": (
        N_("the file holds no key, or its password is wrong"),
        N_("a PEM file: -----BEGIN PRIVATE KEY-----; for an encrypted one client_key_password too"),
    ),
    "secret_inline": (N_("a secret is never written into the settings"), N_("file:PATH or env:NAME")),
    "secret_absent": (N_("the secret is missing or empty"), N_("a readable file or a set variable, not empty")),
}
"""Problem and expectation by pydantic's error type, or by its first word."""

_PYDANTICS = frozenset(get_args(core_schema.ErrorType))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings came from, so that a fault names the line's key or the variable.

    Attributes:
        data: file and environment, merged.
        environment: the environment's part alone.
    """

    file: str
    prefix: str
    nesting: str
    data: Mapping[str, Any]
    environment: Mapping[str, Any]

    def fault(self, path: tuple[Step, ...], problem: str, expected: str) -> ConfigFault:
        """Make a fault of a place and two sentences."""
        if _stands_in(self.environment, path):
            variable = self.prefix + self.nesting.join(str(step) for step in path).upper()
            return ConfigFault(say(ENVIRONMENT), variable, problem, expected)
        return ConfigFault(self.file, _spelt(path, self.data), problem, expected)


def complaints(error: ValidationError, origin: Origin) -> list[ConfigFault]:
    """Turn pydantic's errors into faults, each place once; values are never repeated."""
    faults: dict[tuple[Step, ...], ConfigFault] = {}
    details = error.errors(include_url=False, include_input=False)
    inner = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    for detail in details:
        if detail["type"] == "too_short" and detail["loc"] in inner:
            continue  # pydantic counts only entries without a fault of their own
        location = (*detail["loc"], "type") if detail["type"].startswith("union_tag") else detail["loc"]
        path = _without_tags(location, origin.data)
        problem, expected = _sentences(detail)
        values = _places(detail)
        shown = (
            _nearest(str(path[-1]), values["known"]) if detail["type"] == "extra_forbidden" else say(expected, **values)
        )
        faults.setdefault(path, origin.fault(path, say(problem), shown))
    return list(faults.values())


def duplicates(origin: Origin) -> list[ConfigFault]:
    """Find lists in which two entries bear one name: schools, sinks, accounts."""
    problem, expected = say(N_("two entries bear one name")), say(N_("a name of its own for each entry"))
    return [origin.fault(path, problem, expected) for path in _twins(origin.data, ())]


def _twins(data: Any, path: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    entries = list(_entries(data))
    names = [entry.get("name") if isinstance(entry, dict) else None for _, entry in entries]
    for position, (step, entry) in enumerate(entries):
        if isinstance(step, int) and names[position] is not None and names[position] in names[:position]:
            yield (*path, step, "name")
        yield from _twins(entry, (*path, step))


def _entries(data: Any) -> Iterator[tuple[Step, Any]]:
    if isinstance(data, dict):
        yield from data.items()
    elif isinstance(data, list):
        yield from enumerate(data)


def _sentences(detail: ErrorDetails) -> tuple[str, str]:
    kind = detail["type"]
    if kind not in _PYDANTICS and kind not in SENTENCES:
        return detail["msg"], _OTHER[1]  # a connector's own sentence, marked for the catalogues where it stands
    return SENTENCES.get(kind) or SENTENCES.get(kind.partition("_")[0]) or _OTHER


def _places(detail: ErrorDetails) -> dict[str, Any]:
    """Return what the sentences may show: bounds and choices from the model, nothing that was written."""
    context = detail.get("ctx", {})
    shown = {
        name: context[name]
        for name in ("pattern", "ge", "gt", "le", "lt", "min_length", "max_length")
        if name in context
    }
    choices = context.get("expected_tags") or context.get("expected") or ""
    if detail["type"] == "extra_forbidden":
        choices = ", ".join(chain.from_iterable(model.model_fields for model in _models_at(detail["loc"][:-1])))
    elif detail["type"] == "union_tag_not_found":
        choices = ", ".join(chain.from_iterable(map(_tags, _models_at(detail["loc"]))))
    return shown | {"known": str(choices).replace(" or ", ", ")}


def _nearest(written: str, known: str) -> str:
    near = get_close_matches(written, known.split(", "), n=1)
    return say(N_("perhaps “{key}”"), key=near[0]) if near else say(_CHOICE[1], known=known)


def _models_at(location: tuple[Step, ...]) -> list[type[BaseModel]]:
    """Return the models that may stand at a place of the settings."""
    models: list[type[BaseModel]] = [Settings]
    for step in location:
        if isinstance(step, int):
            continue
        inner = [_models(model.model_fields[step].annotation) for model in models if step in model.model_fields]
        models = list(chain.from_iterable(inner)) or [model for model in models if step in _tags(model)]
    return models


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("type")
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()


def _without_tags(location: tuple[Step, ...], data: Any) -> tuple[Step, ...]:
    """Drop the steps that pydantic adds for the chosen member of a union."""
    path: list[Step] = []
    for step in location:
        tag = isinstance(data, dict) and step not in data and step == data.get("type")
        if not tag:
            path.append(step)
            data = _inside(data, step)
    return tuple(path)


def _inside(data: Any, step: Step) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _stands_in(data: Any, path: tuple[Step, ...]) -> bool:
    for step in path:
        data = _inside(data, step)
    return data is not None


def _spelt(path: tuple[Step, ...], data: Any) -> str:
    """Spell a place as people look for it: `schools[lyceum].sinks[ed].token`; nameless entries by number, from 1."""
    text = ""
    for step in path:
        data = _inside(data, step)
        name = data.get("name") if isinstance(data, dict) else None
        if isinstance(step, int):
            text += f"[{name if isinstance(name, str) else f'#{step + 1}'}]"
        else:
            text += f".{step}" if text else step
    return text
