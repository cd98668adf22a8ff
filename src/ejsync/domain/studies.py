"""Which pupil of a class studies which subject: ElJur does not say it, the timetable and the journal show it.

* A subject with lessons of the whole class is everybody's.
* A subject with lessons of groups only is everybody's but for pupils who are seen in another subject that groups of
  the class have at the same time (some learn German while others learn French) and not in this one.
* Where a pupil has a trace (mark, absence, control work, final mark), he studies the subject.

In doubt a pupil is taken to study it: a missing result is rather asked about once too often than forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from ejsync.domain.payloads import Lesson

Traces = Mapping[str, AbstractSet[str]]
"""The subjects in which a pupil has anything, by pupil."""


def studies(pupils: Iterable[str], lessons: Iterable[Lesson], traces: Traces) -> dict[str, set[str]]:
    """Return the subjects of each pupil of one class, by the class's lessons and the pupils' traces."""
    held = [row for row in lessons if row["pupil"] is None and row["number"] is not None and not row["cancelled"]]
    taught = {row["subject"] for row in held if row["subject"]}
    common = {row["subject"] for row in held if row["subject"] and row["group"] is None}
    rivals = _rivals([row for row in held if row["subject"] not in common])
    seen = {pupil: set(traces.get(pupil, ())) for pupil in pupils}
    return {
        pupil: common | own | {subject for subject in taught - common if own.isdisjoint(rivals[subject])}
        for pupil, own in seen.items()
    }


def _rivals(lessons: Iterable[Lesson]) -> defaultdict[str, set[str]]:
    """Return for each subject of groups the others that groups have at the same time."""
    by_hour: defaultdict[tuple[str, int | None], set[str]] = defaultdict(set)
    for row in lessons:
        by_hour[row["date"], row["number"]].add(row["subject"] or "")
    rivals: defaultdict[str, set[str]] = defaultdict(set)
    for subjects in by_hour.values():
        for subject in subjects:
            rivals[subject] |= subjects - {subject}
    return rivals
