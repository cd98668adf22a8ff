"""The diary's own reading of the published contract: nothing but the schema files, compiled once.

The reference ED shares no code with the pipeline, so that both can only agree through the contract itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NOT_KINDS = frozenset({"batch", "receipt", "digest", "records", "erasure", "problem", "token"})
_SUFFIX = ".schema.json"


def contracts_dir() -> Path:
    """The folder of all contracts: inside the installed package, or beside the source tree."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_contracts"
    return packaged if packaged.is_dir() else package.parents[1] / "contracts"


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) to a place given as a list of names and indexes."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@dataclass(frozen=True, slots=True)
class EdContract:
    """The contract ed/v1: one compiled schema per kind, and that of a batch."""

    kinds: Mapping[str, jsonschema_rs.Draft202012Validator]
    batch: jsonschema_rs.Draft202012Validator

    @classmethod
    def load(cls, directory: Path | None = None) -> EdContract:
        """Compile the schemas of a contracts folder, by default of the published one."""
        found = (directory or contracts_dir()) / "ed" / "v1"
        compiled = {path.name.removesuffix(_SUFFIX): _compiled(path) for path in found.glob(f"*{_SUFFIX}")}
        kinds = {name: compiled[name] for name in sorted(compiled.keys() - _NOT_KINDS)}
        return cls(kinds=kinds, batch=compiled["batch"])

    def flaw_of_batch(self, document: object) -> str | None:
        """Where a batch breaks its schema, as a JSON pointer, or None."""
        return _first_flaw(self.batch, document)

    def flaw_of_data(self, data: object, *, kind: str) -> str | None:
        """Where an item's data breaks the schema of its kind, as a JSON pointer, or None.

        Raises:
            KeyError: The contract has no such kind.
        """
        return _first_flaw(self.kinds[kind], data)


def _compiled(path: Path) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(orjson.loads(path.read_bytes()), validate_formats=True)


def _first_flaw(schema: jsonschema_rs.Draft202012Validator, document: Any) -> str | None:
    # is_valid stops at the first flaw and builds no error objects: the good case is the one that must be fast.
    if schema.is_valid(document):
        return None
    return pointer_to(next(schema.iter_errors(document)).instance_path)
