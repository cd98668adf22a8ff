"""Drift: what an answer holds that the known shape does not, counted by place and never with a value.

A place is a path of keys; ids, days, subjects, positions and whatever does not look like a programmer's own name are
`*` in it: `students.*.lessons.*.marks.*.rubric`. What was found there is `key:number` (an unknown key and what it
holds) or `string→object` (known types, and the type that came). Emptiness (`null`, `[]`, `{}`, an absent key) and the
scalars that are known to drift are no drift (fact sheet, section 5, items 1 to 3).
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from ejsync.domain.standing import ELSEWHERE
from ejsync.sources.eljur.mapping.shapes import JSON_TYPES, SHAPES, Fields, Plain, Rows, Shape, strict
from ejsync.sources.eljur.mapping.tidy import Json

MOST_FINDINGS = 50
"""Of one page; what is found beyond them is counted as `ELSEWHERE`."""
_ANY = "*"
# A capital at the start or five digits are no programmer's name: they may be somebody's name, an id or a token.
_NAME = re.compile(r"(?!(?:\D*\d){5})[a-z_][A-Za-z0-9_]{0,39}")


def drift(method: str, result: Json) -> dict[tuple[str, str], int]:
    """Count what the `result` of a method holds beyond its known shape, as {(place, found): count}.

    Most pages hold nothing new: the compiled shape says so in a fraction of the time that looking takes.
    """
    found: Counter[tuple[str, str]] = Counter()
    if method in SHAPES and not _compiled(method).is_valid(result):
        _look(SHAPES[method], result, "", found)
    return dict(found)


@cache
def _compiled(method: str) -> Draft202012Validator:
    return Draft202012Validator(strict(SHAPES[method]))


def _look(shape: Shape, value: Any, place: str, found: Counter[tuple[str, str]]) -> None:
    kind = type(value)
    if value is None or (kind in {dict, list} and not value):
        return
    match shape:
        case Plain(types, wanted) if kind not in types:
            _note(found, place, f"{wanted}→{JSON_TYPES[kind]}")
        case Rows(of) if kind in {dict, list}:
            for row in value.values() if kind is dict else value:
                _look(of, row, _under(place, _ANY), found)
        case Rows():
            _note(found, place, f"array→{JSON_TYPES[kind]}")
        case Fields(fields, listed) if kind is dict and not (listed and "0" in value):
            _look_inside(fields, value, place, found)
        case Fields(_, Fields() as listed) if kind in {dict, list}:
            _look(Rows(listed), value, place, found)
        case Fields():
            _note(found, place, f"object→{JSON_TYPES[kind]}")


def _look_inside(fields: Mapping[str, Shape], value: Json, place: str, found: Counter[tuple[str, str]]) -> None:
    for key, inner in value.items():
        shape = fields.get(key)
        if shape is None:
            _note(found, _under(place, masked(key)), f"key:{JSON_TYPES[type(inner)]}")
        elif not (isinstance(shape, Plain) and type(inner) in shape.types):
            _look(shape, inner, _under(place, key), found)


def _under(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


@lru_cache(maxsize=1024)
def masked(key: str) -> str:
    """Return an unknown key if it looks like a programmer's own name, else `*`: it may be an id, a subject, a name."""
    return key if _NAME.fullmatch(key) else _ANY


def _note(found: Counter[tuple[str, str]], place: str, what: str) -> None:
    seen = (place, what)
    found[seen if seen in found or len(found) < MOST_FINDINGS else ELSEWHERE] += 1
