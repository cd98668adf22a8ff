"""Exported audit logs of invented schools, and how a forger rewrites them."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache

from ejsync.domain.audit import GENESIS, seal
from ejsync.domain.audit_export import exported
from ejsync.domain.checkpoints import RENEWED, leaf_of, signed
from ejsync.domain.merkle import Frontier
from ejsync.signing import Signature

OURS, FORGER = Signature.from_seed(b"\x07" * 32), Signature.from_seed(b"\x08" * 32)
BEGAN = datetime(2026, 11, 16, 8, tzinfo=UTC)
SCHOOLS = {"gymnasium-0": (23, (5, 16, 23)), "lyceum-2": (17, (8, 17))}
"""How many entries each school has, and after which of them it was signed."""


def facts(school, number):
    """What happened as the entry with this number: shapes as the flow writes them, nobody's data."""
    told = (
        ("window.read", {"window": f"marks 10А {number}", "counts": {"created": number, "gone": 0}, "held": None}),
        ("batch.claimed", {"batch": f"{number:08x}", "items": [["upsert", "mark", f"{number:016x}", number, None, 1]]}),
        ("batch.settled", {"batch": f"{number - 1:08x}", "delivered": number, "rejected": [], "ok": True}),
        ("feed.read", {"feed": "marks", "reason": 'a "quoted" \\ word\n\u2028😀', "school": school, "lost": -number}),
    )
    return told[number % len(told)]


def chain(school, count, *, changed=None):
    """The entries of a school; those in `changed` have another content."""
    events, before = [], (0, GENESIS)
    for number in range(1, count + 1):
        name, details = facts(school, number)
        details = details if number not in (changed or {}) else changed[number]
        name = RENEWED if "former" in details else name
        events.append(seal(before, school, BEGAN + timedelta(minutes=number), name, details))
        before = (number, events[-1].hash)
    return events


def checkpoints(events, sizes, signer=OURS):
    """Checkpoints of a log at some sizes, each made when its last entry was."""
    return [
        signed(events[0].school, number, Frontier().grown(map(leaf_of, events[:size])), events[size - 1].at, signer)
        for number, size in enumerate(sizes, start=1)
    ]


def renewed(school, *, at=9):
    """A log whose key was lost at some entry: what stands before was signed by another than what stands behind."""
    events = chain(school, 12, changed={at: {"former": FORGER.public}})
    return events, [*checkpoints(events, (3, at - 1), FORGER), *checkpoints(events, (3, at - 1, at, 12))[2:]]


def file_of(*logs):
    """The bytes of an export: of each school its entries and checkpoints."""
    lines = [line for events, signed_at in logs for line in exported(events, signed_at)]
    return "".join(f"{line}\n" for line in lines).encode()


@cache
def _untouched(school):
    """A school's log as it was exported, made once."""
    events = chain(school, SCHOOLS[school][0])
    return events, checkpoints(events, SCHOOLS[school][1])


def log_of(school, *, count=None, sizes=None, signer=OURS, changed=None):
    """One school's entries and checkpoints; what is not said is as in `SCHOOLS`."""
    if (count, sizes, signer, changed) == (None, None, OURS, None):
        return _untouched(school)
    events = chain(school, count or SCHOOLS[school][0], changed=changed)
    return events, checkpoints(events, sizes or SCHOOLS[school][1], signer)


def sound():
    """The whole file, as it was exported."""
    return file_of(*(log_of(school) for school in SCHOOLS))


def kept():
    """The newest checkpoint of each school, as somebody kept it elsewhere."""
    return [log_of(school)[1][-1] for school in SCHOOLS]


def line(document):
    """One line of an export, without its end."""
    return json.dumps(document, sort_keys=True).encode()
