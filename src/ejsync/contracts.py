"""Contracts at the borders: load a JSON Schema by name and version, check data against it, check its own examples."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
from jsonschema_rs import ValidationErrorKind

from ejsync.errors import NotFound
from ejsync.wording import N_, say

_ENDING = ".schema.json"
_PROPERTY = re.compile(r"[a-z_][a-z0-9_]{0,39}")


def contracts_dir() -> Path:
    """Return the folder of the contracts: the packaged one, else the one of the source tree."""
    here = Path(__file__).parent
    packaged = here / "_contracts"
    return packaged if packaged.is_dir() else here.parents[1] / "contracts"


class Verdict(StrEnum):
    """What became of one file of the contracts folder."""

    GOOD = "good"
    BAD_SCHEMA = "bad-schema"
    REFUSED = "valid-example-refused"
    ACCEPTED = "invalid-example-accepted"
    ELSEWHERE = "invalid-example-breaks-elsewhere"
    UNREADABLE = "unreadable"
    HOMELESS = "no-such-contract"


@dataclass(frozen=True, slots=True)
class Finding:
    """One schema or example after its check.

    Attributes:
        file: path inside the contracts folder, with slashes.
        contract: the contract's name, empty for an example of none.
        pointers: where the example breaks its contract, as JSON pointers; empty when all is well.
    """

    file: str
    contract: str
    verdict: Verdict
    pointers: tuple[str, ...] = ()


class Contracts:
    """Every contract of a folder; each is compiled when it is first asked for.

    Args:
        folder: holds `<family>/<version>/<name>.schema.json`; None takes `contracts_dir()`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = contracts_dir() if folder is None else folder
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def names(self) -> list[str]:
        """Return the names of all contracts, e.g. `ed/v1/mark`, sorted."""
        files = self._folder.glob(f"*/*/*{_ENDING}")
        return sorted(file.relative_to(self._folder).as_posix().removesuffix(_ENDING) for file in files)

    def faults(self, contract: str, data: Any) -> tuple[str, ...]:
        """Return the JSON pointers at which data break a contract, sorted; empty when they keep it.

        What cannot be checked at all breaks the contract as a whole: "" is its pointer.

        Raises:
            NotFound: there is no such contract.
        """
        schema = self._compiled.get(contract) or self._compile(contract)
        try:
            if schema.is_valid(data):
                return ()
            return tuple(sorted({pointer for error in schema.iter_errors(data) for pointer in _pointers(error)}))
        except ValueError:  # nested too deep to be followed, or half a character that no UTF-8 can hold
            return ("",)

    def mark(self) -> str:
        """Return a digest of every contract: what was judged under another mark may be judged otherwise now."""
        digest = blake2b(digest_size=16)
        for name in self.names():
            digest.update((self._folder / f"{name}{_ENDING}").read_bytes())
        return digest.hexdigest()

    def schema(self, contract: str) -> dict[str, Any]:
        """Return a contract's JSON Schema.

        Raises:
            NotFound: there is no such contract.
        """
        if contract not in self.names():
            raise NotFound(what=say(N_("contract")), name=contract, listing="ejsync contracts validate")
        schema: dict[str, Any] = orjson.loads((self._folder / f"{contract}{_ENDING}").read_bytes())
        return schema

    def validate_examples(self) -> list[Finding]:
        """Check every schema against the metaschema and every example against its schema, in the order of the paths."""
        findings = [self._check_schema(name) for name in self.names()]
        sound = [finding.contract for finding in findings if finding.verdict is Verdict.GOOD]
        examples = sorted(self._folder.glob("*/*/examples/*/**/*.json"))
        return findings + [self._check_example(file, sound) for file in examples]

    def _compile(self, contract: str) -> jsonschema_rs.Draft202012Validator:
        validator = jsonschema_rs.Draft202012Validator(self.schema(contract), validate_formats=True)
        return self._compiled.setdefault(contract, validator)

    def _check_schema(self, name: str) -> Finding:
        try:
            sound = jsonschema_rs.meta.is_valid(self.schema(name))
            self._compile(name)
        except ValueError:
            sound = False
        return Finding(f"{name}{_ENDING}", name, Verdict.GOOD if sound else Verdict.BAD_SCHEMA)

    def _check_example(self, file: Path, sound: list[str]) -> Finding:
        place = file.relative_to(self._folder)
        contract = _contract_of(place, sound)
        if not contract:
            return Finding(place.as_posix(), contract, Verdict.HOMELESS)
        try:
            data = orjson.loads(file.read_bytes())
            verdict, pointers = (
                self._valid(contract, data) if place.parts[3] == "valid" else self._invalid(contract, data)
            )
        except (ValueError, KeyError, TypeError):
            verdict, pointers = Verdict.UNREADABLE, ()
        return Finding(place.as_posix(), contract, verdict, () if verdict is Verdict.GOOD else pointers)

    def _valid(self, contract: str, data: Any) -> tuple[Verdict, tuple[str, ...]]:
        pointers = self.faults(contract, data)
        return (Verdict.REFUSED if pointers else Verdict.GOOD), pointers

    def _invalid(self, contract: str, document: Any) -> tuple[Verdict, tuple[str, ...]]:
        """Judge `{why, pointer, data}`: the data must break at the pointer, or at a property directly under it."""
        pointers, place = self.faults(contract, document["data"]), document["pointer"]
        if not pointers:
            return Verdict.ACCEPTED, pointers
        there = all(place in {pointer, pointer.rpartition("/")[0]} for pointer in pointers)
        return (Verdict.GOOD if there else Verdict.ELSEWHERE), pointers


def _contract_of(place: Path, names: list[str]) -> str:
    """Return the contract of `family/version/examples/valid/NAME[.-_]CASE.json`, or `.../valid/NAME/CASE.json`."""
    family, version, _, _, *rest = place.parts
    word = rest[0].removesuffix(".json")
    fitting = [name for name in names if name.startswith(f"{family}/{version}/") and _begins(word, name)]
    return max(fitting, key=len, default="")


def _begins(word: str, name: str) -> bool:
    stem = name.rpartition("/")[2]
    return word == stem or word.startswith(tuple(stem + mark for mark in ".-_"))


def _pointers(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """Yield where an error stands; a missing or unexpected property is named itself, unless it could name a person."""
    match error.kind:
        case ValidationErrorKind.Required(name):
            names = [name]
        case ValidationErrorKind.AdditionalProperties(unexpected) | ValidationErrorKind.UnevaluatedProperties(
            unexpected
        ):
            names = unexpected
        case _:
            yield _pointer(error.instance_path)
            return
    for name in names:
        yield _pointer([*error.instance_path, name if _PROPERTY.fullmatch(name) else "*"])


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
