"""Whether one JSON Schema lets nothing through that another refuses; what cannot be proven counts as let through.

Pure. Works on schemas of one document each (`$ref` only to `#/$defs/...`), draft 2020-12. A keyword that is not known
here, and every condition (`if`, `allOf`, `anyOf`, `oneOf`, `not`), must stand in both schemas word for word.
"""
# ruff: noqa: INP001 - a part of tools/contracts.py, not of a package

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "title", "description", "examples", "default"})
KINDS = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
LOWER, UPPER = -1, 1
BOUNDS = {
    "minimum": ("number", LOWER),
    "exclusiveMinimum": ("number", LOWER),
    "minLength": ("string", LOWER),
    "minItems": ("array", LOWER),
    "minProperties": ("object", LOWER),
    "maximum": ("number", UPPER),
    "exclusiveMaximum": ("number", UPPER),
    "maxLength": ("string", UPPER),
    "maxItems": ("array", UPPER),
    "maxProperties": ("object", UPPER),
}
SAME = {"pattern": "string", "format": "string", "multipleOf": "number", "uniqueItems": "array"}
TOGETHER = (
    ("if", "then", "else"),
    ("prefixItems", "items"),
    ("patternProperties", "additionalProperties"),
    ("contains", "minContains", "maxContains"),
)
"""Keywords that mean something only together: where the first stands, all must be the same."""


def stripped(schema: Any) -> Any:
    """Return a schema without what is only for people; its definitions stay."""
    if not isinstance(schema, dict):
        return schema
    return {name: _part(name, value, stripped) for name, value in schema.items() if name not in ANNOTATIONS}


def resolved(schema: Any, document: Any = None, *, inside: tuple[str, ...] = ()) -> Any:
    """Return a stripped schema with every reference replaced by what it refers to.

    A reference inside of what it refers to stays as it is.
    """
    document = schema if document is None else document
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name != "$defs"}
    target = kept.get("$ref")
    if target is not None and target not in inside:
        del kept["$ref"]
        meant = resolved(document["$defs"][target.removeprefix("#/$defs/")], document, inside=(*inside, target))
        return {"allOf": [meant, resolved(kept, document, inside=inside)]} if kept else meant
    return {
        name: _part(name, value, lambda one: resolved(one, document, inside=inside)) for name, value in kept.items()
    }


def _part(name: str, value: Any, of: Callable[[Any], Any]) -> Any:
    if name in {"properties", "patternProperties", "$defs"}:
        return {key: of(one) for key, one in value.items()}
    if name in {"allOf", "anyOf", "oneOf", "prefixItems"}:
        return [of(one) for one in value]
    return of(value) if isinstance(value, dict) else value


def widenings(inner: Any, outer: Any, place: str = "") -> Iterator[str]:
    """Yield where `inner` may let something through that `outer` refuses, as `PLACE: what`; both are `resolved`."""
    if same(inner, outer) or outer is True or outer == {} or inner is False:
        return
    inner = {} if inner is True else inner
    if outer is False:
        yield f"{place or '/'}: allowed here, refused there"
    elif "enum" in inner or "const" in inner:
        yield from _values(inner, outer, place)
    else:
        yield from _types(inner, outer, place)
        for keyword in outer.keys() - {"type"}:
            yield from _keyword(keyword, inner, outer, place)


def _values(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    """Judge a closed list value by value."""
    listed = inner["enum"] if "enum" in inner else [inner["const"]]
    own, other = (jsonschema_rs.validator_for(schema, validate_formats=True) for schema in (inner, outer))
    for value in listed:
        if own.is_valid(value) and not other.is_valid(value):
            yield f"{place or '/'}: the value {value!r}"


def _types(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    for name in sorted(_of(inner) - _of(outer)):
        yield f"{place or '/'}: the type {name}"


def _of(schema: dict[str, Any]) -> frozenset[str]:
    """Return the types that a schema lets through; whole numbers are numbers too."""
    given = schema.get("type", KINDS)
    found = {given} if isinstance(given, str) else set(given)
    return frozenset(found | {"integer"} if "number" in found else found)


def _keyword(keyword: str, inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    """Judge one demand of `outer`: does `inner` make it too?"""
    group = next((group for group in TOGETHER if keyword in group and (group[0] in outer or group[0] in inner)), ())
    if keyword in BOUNDS:
        yield from _bound(keyword, inner, outer, place)
    elif keyword in SAME and not _concerns(SAME[keyword], inner):
        return
    elif group:
        if any(not same(inner.get(name), outer.get(name)) for name in group):
            yield f"{place or '/'}: another {keyword}"
    elif keyword == "allOf":
        if any(not any(same(one, other) for other in inner.get("allOf", ())) for one in outer["allOf"]):
            yield f"{place or '/'}: another condition"
    elif keyword in _STRUCTURE:
        yield from _STRUCTURE[keyword](inner, outer, place)
    elif keyword.startswith("unevaluated") or not same(inner.get(keyword), outer[keyword]):
        yield f"{place or '/'}: another {keyword}"


def same(one: Any, other: Any) -> bool:
    """Tell whether two pieces of a schema are the same JSON; unlike in Python 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _concerns(kind: str, inner: dict[str, Any]) -> bool:
    return bool(_of(inner) & ({"number", "integer"} if kind == "number" else {kind}))


def _bound(keyword: str, inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    kind, side = BOUNDS[keyword]
    looser = keyword not in inner or side * inner[keyword] > side * outer[keyword]
    if _concerns(kind, inner) and looser:
        yield f"{place or '/'}: a wider {keyword}"


def _required(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    if _concerns("object", inner):
        for name in sorted(set(outer["required"]) - set(inner.get("required", ()))):
            yield f"{place}/{name}: may be absent"


def _properties(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    if _concerns("object", inner):
        for name, schema in sorted(outer["properties"].items()):
            rest = True if "patternProperties" in inner else inner.get("additionalProperties", True)
            own = inner.get("properties", {}).get(name, rest)
            yield from widenings(own, schema, f"{place}/{name}")


def _additional(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    """Judge what `outer` does not name: the properties that only `inner` names, and all the rest."""
    if not _concerns("object", inner):
        return
    rest = outer["additionalProperties"]
    for name, schema in sorted(inner.get("properties", {}).items()):
        if name not in outer.get("properties", {}):
            yield from widenings(schema, rest, f"{place}/{name}")
    yield from widenings(inner.get("additionalProperties", True), rest, f"{place}/*")


def _items(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    if _concerns("array", inner):
        yield from widenings(inner.get("items", True), outer["items"], f"{place}/[]")


def _listed(inner: dict[str, Any], outer: dict[str, Any], place: str) -> Iterator[str]:
    del inner, outer
    yield f"{place or '/'}: any value, where there is a closed list of them"


_STRUCTURE: dict[str, Callable[[dict[str, Any], dict[str, Any], str], Iterator[str]]] = {
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _listed,
    "const": _listed,
}
