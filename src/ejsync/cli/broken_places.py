"""What is wrong with a quarantined record, place by place and in words; never with what stands there."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from ejsync.contracts import Contracts
from ejsync.errors import NotFound
from ejsync.wording import N_, say

_LIMITS: dict[type, str] = {
    Kind.MaxLength: N_("too long: at most {limit} characters"),
    Kind.MinLength: N_("too short: at least {limit} characters"),
    Kind.Maximum: N_("too great: at most {limit}"),
    Kind.Minimum: N_("too small: at least {limit}"),
    Kind.MaxItems: N_("too many: at most {limit}"),
    Kind.MinItems: N_("too few: at least {limit}"),
}
_OTHERS: dict[type, str] = {
    Kind.Pattern: N_("wrong form"),
    Kind.Format: N_("wrong form"),
    Kind.Enum: N_("none of the values that are allowed"),
    Kind.Constant: N_("not the value that is wanted"),
    Kind.UniqueItems: N_("something stands there twice"),
}
_TYPES = {
    "string": N_("text"),
    "integer": N_("a whole number"),
    "number": N_("a number"),
    "boolean": N_("yes or no"),
    "array": N_("a list"),
    "object": N_("an object"),
    "null": N_("nothing"),
}


def wrongs(contract: str, payload: bytes) -> dict[str, str]:
    """Say by JSON pointer what is wrong; empty when the record keeps its contract now, or there is no contract."""
    try:
        schema = jsonschema_rs.Draft202012Validator(Contracts().schema(contract), validate_formats=True)
        data = json.loads(payload)
    except (NotFound, ValueError):
        return {}
    found: dict[str, list[str]] = {}
    for error in schema.iter_errors(data):
        for path, words in _wrong(error):
            pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
            found.setdefault(pointer, []).append(words)
    return {pointer: "; ".join(dict.fromkeys(words)) for pointer, words in sorted(found.items())}


def _wrong(error: jsonschema_rs.ValidationError) -> Iterator[tuple[list[Any], str]]:
    path, kind = list(error.instance_path), error.kind
    match kind:
        case Kind.Required(name):
            yield [*path, name], say(N_("missing"))
        case Kind.AdditionalProperties(names) | Kind.UnevaluatedProperties(names):
            yield from (([*path, name], say(N_("not foreseen here"))) for name in names)
        case Kind.Type(types):
            wanted = ", ".join(say(_TYPES[name]) for name in types if name in _TYPES)
            yield path, say(N_("wrong type; expected: {wanted}"), wanted=wanted)
        case _ if type(kind) in _LIMITS:
            yield path, say(_LIMITS[type(kind)], limit=getattr(kind, "limit", ""))
        case _:
            yield path, say(_OTHERS.get(type(kind), N_("breaks the contract")))


def listed(pointers: tuple[str, ...], told: dict[str, str]) -> list[str]:
    """Write each place with what is wrong there; a place of which nothing more is known stands alone."""
    return [f"{pointer or '/'}: {told[pointer]}" if pointer in told else pointer or "/" for pointer in pointers]
