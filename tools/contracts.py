"""Hold the contracts to what was released, and write `docs/contracts.md` from them; `--check` only looks.

Without an option the page is written anew. `--release` makes the schemas and valid examples of today the released ones:
it refuses a breaking change; before anybody outside relies on a contract, its file in `contracts/released/` may be
deleted first. The rule stands at the head of `docs/contracts.md`.
"""
# ruff: noqa: INP001 - a program, not a part of a package

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
from compatibility import resolved, stripped, widenings
from contract_pages import MARKER, generated

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
PAGE = ROOT / "docs" / "contracts.md"
ENDING = ".schema.json"
ANSWERS = frozenset(f"ed/v1/{name}" for name in ("digest", "erasure", "problem", "receipt", "records", "token"))
"""Contracts of the family `ed` that the ED speaks and we hear."""

Family = dict[str, dict[str, Any]]
"""The schemas and the valid examples of one family and version, each by name."""


def main() -> int:
    """Write, release or, with `--check`, name what does not hold and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything does not hold")
    parser.add_argument("--release", action="store_true", help="make today's contracts the released ones")
    options = parser.parse_args()
    found = list(faults())
    if options.check:
        found += stale()
    else:
        PAGE.write_text(page(), encoding="utf-8")
        if options.release and not found:
            release()
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


def stale() -> Iterator[str]:
    """Name what this program has not written yet."""
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
        yield "docs/contracts.md is out of date; run tools/contracts.py"
    for place in families():
        if not released_file(place).is_file():
            yield f"{place} was never released; run tools/contracts.py --release"


def release() -> None:
    """Make the contracts of today the released ones."""
    for place in families():
        released_file(place).parent.mkdir(exist_ok=True)
        released_file(place).write_text(compact(family(place)), encoding="utf-8")


def page() -> str:
    """Return the page as it should be: its head as people wrote it, the rest from the schemas."""
    head = PAGE.read_text(encoding="utf-8").partition(MARKER)[0] if PAGE.is_file() else ""
    schemas = {
        _name(file): json.loads(file.read_text(encoding="utf-8")) for file in sorted(CONTRACTS.glob("*/*/*" + ENDING))
    }
    return f"{head}{MARKER}\n\n{generated(schemas)}"


def families() -> list[str]:
    """Return the families of contracts with their versions, e.g. `ed/v1`."""
    return sorted({_name(file).rpartition("/")[0] for file in CONTRACTS.glob("*/*/*" + ENDING)})


def family(place: str) -> Family:
    """Read what stands in the folder of one family and version."""
    schemas = sorted((CONTRACTS / place).glob("*" + ENDING))
    examples = sorted((CONTRACTS / place / "examples" / "valid").rglob("*.json"))
    return {
        "schemas": {_name(file).rpartition("/")[2]: stripped(json.loads(file.read_text())) for file in schemas},
        "examples": {file.name.removesuffix(".json"): json.loads(file.read_text()) for file in examples},
    }


def compact(contracts: Family) -> str:
    """Write a family as JSON with one line for each schema and example."""
    parts = []
    for part, named in contracts.items():
        lines = [
            f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False, sort_keys=True)}"
            for name, one in sorted(named.items())
        ]
        parts.append(f'"{part}": {{\n' + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


def released_file(place: str) -> Path:
    """Return where the released contracts of a family and version stand."""
    return CONTRACTS / "released" / f"{place.replace('/', '-')}.json"


def faults() -> Iterator[str]:
    """Name every change since the release that a new version of its family would need."""
    for place in families():
        if released_file(place).is_file():
            yield from breaks(place, json.loads(released_file(place).read_text(encoding="utf-8")), family(place))


def breaks(place: str, released: Family, today: Family) -> Iterator[str]:
    """Name the breaking changes of one family and version.

    Args:
        place: family and version; with the name of a schema it decides who writes and who reads.
    """
    new = [name for name in today["schemas"].keys() - released["schemas"].keys() if sent(f"{place}/{name}")]
    yield from (f"{place}/{name}: is new, and unknown to readers of the released contracts" for name in sorted(new))
    for name, before in sorted(released["schemas"].items()):
        contract, now = f"{place}/{name}", today["schemas"].get(name)
        if now is None:
            yield f"{contract}: is gone"
            continue
        written, read = (now, before) if sent(contract) else (before, now)
        why = "may be sent now, and was refused" if sent(contract) else "was accepted, and may be refused now"
        yield from (
            f"{contract}{told}: {why}" for told in widenings(*(resolved(stripped(one)) for one in (written, read)))
        )
        examples = (today if sent(contract) else released)["examples"]
        yield from (
            f"{contract}: the example {one}: {why}" for one in _refused(name, examples, read, released["schemas"])
        )


def sent(contract: str) -> bool:
    """Tell whether we write what keeps this contract; else others do, and we read it."""
    return not contract.startswith("eljur/") and contract not in ANSWERS


def _refused(name: str, examples: Mapping[str, Any], reader: Any, names: Mapping[str, Any]) -> Iterator[str]:
    validator = jsonschema_rs.validator_for(reader, validate_formats=True)
    for example, data in examples.items():
        belongs = [one for one in names if example == one or example.startswith(tuple(one + mark for mark in ".-_"))]
        if max(belongs, key=len, default="") == name and not validator.is_valid(data):
            yield example


def _name(file: Path) -> str:
    return file.relative_to(CONTRACTS).as_posix().removesuffix(ENDING)


if __name__ == "__main__":
    sys.exit(main())
