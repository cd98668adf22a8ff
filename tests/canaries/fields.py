"""Every field of the contracts that can hold a text, as paths."""

import json
from pathlib import Path

CONTRACTS = Path(__file__).parents[2] / "contracts"
_BELOW = ("oneOf", "anyOf", "allOf", "prefixItems")
_BRANCHES = ("if", "then", "else", "items", "additionalProperties")


def text_fields(schema):
    """Return the paths of all fields of a schema that may hold anybody's text: no constants, no lists of words."""
    return {path for path, node in _leaves(schema, schema, ()) if _holds_text(node)}


def _leaves(root, node, path):
    """Yield each property without properties of its own; lists and objects by id add nothing to a path."""
    while "$ref" in node:
        node = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
    inner = [(path, below) for name in _BELOW for below in node.get(name, ())]
    inner += [(path, node[name]) for name in _BRANCHES if isinstance(node.get(name), dict)]
    inner += [((*path, name), below) for name, below in node.get("properties", {}).items()]
    if not any(key in node for key in ("properties", "items", "additionalProperties")):
        yield ".".join(path), node
    for below_path, below in inner:
        yield from _leaves(root, below, below_path)


def _holds_text(node):
    if "const" in node or "enum" in node:
        return False
    types = node.get("type", ["string"] if not set(node) & {"maximum", "minimum", "if", "then"} else [])
    return "string" in ([types] if isinstance(types, str) else types)


def contracts():
    """Return the text fields of each contract by its name, `ed/pupil`."""
    found = {}
    for file in sorted(CONTRACTS.glob("*/v1/*.schema.json")):
        name = f"{file.parts[-3]}/{file.name.removesuffix('.schema.json')}"
        found[name] = text_fields(json.loads(file.read_text(encoding="utf-8")))
    return found
