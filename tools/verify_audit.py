#!/usr/bin/env python3
"""Verify an exported audit log of ejsync without ejsync: `python verify_audit.py LOG [--key HEX] [--against FILE]`.

Written from docs/audit-format.md alone; needs Python 3.11 and the package `cryptography`, nothing else.
Exit status: 0 the log is whole, 1 it is not (the first entry that may be wrong is named), 2 it cannot be read.
"""
# ruff: noqa: T201 - a program that prints, not a part of a package

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY = {"school": str, "seq": int, "at": str, "event": str, "details": dict, "previous": str, "hash": str}
MEMBERS = ("school", "number", "size", "root", "at", "key", "signature")
LINE = re.compile(
    r"[0-9A-Za-z][0-9A-Za-z._-]{0,63} [1-9][0-9]{0,14} [1-9][0-9]{0,14} [0-9a-f]{64} "
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z [0-9a-f]{64} [0-9a-f]{128}"
)
Checkpoint = dict[str, Any]


class Wrong(Exception):
    """The log is not what it claims to be."""

    def __init__(self, school: str, seq: int, reason: str) -> None:
        super().__init__(f"{school}: entry {seq}: {reason}")


def canonical(value: object) -> bytes:
    """Return the one byte form of a JSON value: sorted names, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def whole(text: str) -> int:
    """Take no number that is not whole, nor one beyond 64 bits."""
    if not re.fullmatch("-?[0-9]+", text) or not -(2**63) <= int(text) < 2**64:
        raise ValueError(f"not a whole number of 64 bits: {text}")
    return int(text)


def from_line(line: str) -> Checkpoint:
    """Read a checkpoint as it is kept elsewhere."""
    if not LINE.fullmatch(line):
        raise ValueError("no checkpoint")
    told = zip(MEMBERS, line.split(" "), strict=True)
    return {name: int(part) if name in ("number", "size") else part for name, part in told}


def read(line: bytes) -> tuple[str, dict[str, Any]]:
    """Read one line of the file; only the very bytes that an export writes are taken."""
    value = json.loads(line, parse_int=whole, parse_float=whole, parse_constant=whole)
    if json.dumps(value, sort_keys=True, ensure_ascii=True).encode() != line:
        raise ValueError("not as it was exported")
    canonical(value)  # what cannot be written as UTF-8 was never exported
    if {name: type(part) for name, part in value.items()} == {"checkpoint": dict}:
        made = value["checkpoint"]
        if from_line(" ".join(str(made.get(name)) for name in MEMBERS)) == made:
            return "checkpoint", made
    if {name: type(part) for name, part in value.items()} == ENTRY:
        return "entry", value
    raise ValueError("neither an entry nor a checkpoint")


class Log:
    """The log of one school, taken in line by line."""

    def __init__(self, school: str, key: str, kept: list[Checkpoint]) -> None:
        self.school, self.key, self.kept = school, key, kept
        self.size, self.previous = 0, "0" * 64
        self.peaks: list[bytes] = []
        self.number, self.closed, self.agreed, self.closer = 0, 0, 0, ""
        self.signers: list[Checkpoint] = []
        self.renewed: dict[str, int] = {}

    def take(self, entry: dict[str, Any]) -> None:
        """Check that an entry is the next one and unaltered, and let the tree grow by it."""
        seq = self.size + 1
        sealed = {name: part for name, part in entry.items() if name != "hash"}
        if entry["seq"] != seq:
            raise Wrong(self.school, seq, "the entry is missing, doubled or out of order")
        if hashlib.sha256(canonical(sealed)).hexdigest() != entry["hash"]:
            raise Wrong(self.school, seq, "its content was altered")
        if entry["previous"] != self.previous:
            raise Wrong(self.school, seq, "it does not follow the entry before")
        grown, rest = hashlib.sha256(b"\x00" + bytes.fromhex(entry["hash"])).digest(), self.size
        while rest & 1:
            grown, rest = hashlib.sha256(b"\x01" + self.peaks.pop() + grown).digest(), rest >> 1
        self.peaks.append(grown)
        self.size, self.previous = seq, entry["hash"]
        if entry["event"] == "keys.renewed":
            self.renewed[str(entry["details"].get("former"))] = seq
        for one in self.kept:
            if one["size"] == seq:
                self.agree(one)

    def close(self, checkpoint: Checkpoint) -> None:
        """Check that a checkpoint of the file is the next one and stands in its place."""
        self.number += 1
        if checkpoint["number"] != self.number or checkpoint["size"] != self.size or self.size == self.closed:
            raise Wrong(self.school, self.size, "a checkpoint is missing, doubled or out of order")
        self.agree(checkpoint)
        self.closed, self.closer = self.size, checkpoint["key"]

    def agree(self, checkpoint: Checkpoint) -> None:
        """Check a checkpoint of this very size: who signed it, and that it stands for these entries."""
        self.signed(checkpoint)
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        if checkpoint["root"] != root.hex():
            raise Wrong(self.school, self.agreed + 1, "a checkpoint stands for other entries from here on")
        self.agreed = self.size

    def signed(self, checkpoint: Checkpoint) -> None:
        """Check that a checkpoint is signed by the key that it names; whether that one is trusted shows at the end."""
        text = "ejsync audit v1\n{school}\n{number}\n{size}\n{root}\n{at}\n".format(**checkpoint).encode()
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint["key"]))
            public.verify(bytes.fromhex(checkpoint["signature"]), text)
        except (ValueError, InvalidSignature):
            raise Wrong(self.school, checkpoint["size"], "a checkpoint's signature does not fit the key") from None
        self.signers.append(checkpoint)

    def end(self) -> None:
        """Check that nothing is left unsigned, and nothing missing that was signed."""
        if self.closed != self.size:
            raise Wrong(self.school, self.closed + 1, "no checkpoint stands for the entries from here on")
        self.key = self.key or self.closer
        for one in self.kept:
            if one["size"] > self.size:
                self.signed(one)
                raise Wrong(self.school, self.size + 1, f"the end was cut off: {one['size']} entries were signed")
        ours = max((one["size"] for one in self.signers if one["key"] == self.key), default=0)
        for one in self.signers:
            if one["key"] != self.key and not one["size"] < self.renewed.get(one["key"], 0) <= ours:
                raise Wrong(self.school, one["size"], "a checkpoint of another key")


def verify(content: bytes, key: str = "", kept: Sequence[Checkpoint] = ()) -> list[Log]:
    """Check the bytes of a file against a key and checkpoints from elsewhere; return its logs."""
    *lines, rest = content.split(b"\n")
    logs: list[Log] = []
    for number, line in enumerate(lines, start=1):
        try:
            what, value = read(line)
        except (ValueError, AttributeError, RecursionError) as error:
            raise Wrong("line of the file", number, f"unreadable ({error})") from None
        school = value["school"]
        if not logs or logs[-1].school != school:
            for before in logs[-1:]:
                before.end()
                key = before.key
                if before.school > school:
                    raise Wrong(school, 1, "the logs do not stand in order, each in one piece")
            logs.append(Log(school, key, [one for one in kept if one["school"] == school]))
        (logs[-1].take if what == "entry" else logs[-1].close)(value)
    if rest or not logs:
        raise Wrong("line of the file", len(lines) + 1, "it is cut off")
    logs[-1].end()
    for school in {one["school"] for one in kept} - {log.school for log in logs}:
        raise Wrong(school, 1, "the whole log is missing: a checkpoint of it is kept")
    return logs


def main() -> int:
    """Read the arguments, verify, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", help="file written by `ejsync audit export`")
    parser.add_argument("--key", help="public key (64 hex digits) as `ejsync audit key` prints it at the school")
    parser.add_argument("--against", action="append", default=[], help="file of checkpoints kept elsewhere, one a line")
    asked = parser.parse_args()
    try:
        texts = [Path(path).read_text("ascii").strip() for path in asked.against]
        kept = [from_line(line) for text in texts for line in re.split(r"\s*\n\s*", text)]
        key = bytes.fromhex((asked.key or "").strip()).hex()
        logs = verify(Path(asked.log).read_bytes(), key, kept)
    except (OSError, ValueError) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    except Wrong as error:
        print(f"NOT WHOLE  {error}", file=sys.stderr)
        return 1
    for log in logs:
        print(f"whole: {log.school}, {log.size} entries, signed by {log.key}")
    if not (asked.key and asked.against):
        print("note: only --key and --against, from elsewhere, show that nothing was signed anew or cut off")
    return 0


if __name__ == "__main__":
    sys.exit(main())
