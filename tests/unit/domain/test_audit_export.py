"""The audit logs as a file: what is written comes back, anything else is named."""

import pytest

from ejsync.domain.audit_export import DISORDER, UNREADABLE, UNSIGNED_END, exported, logs_in
from ejsync.domain.checkpoints import MISSING
from ejsync.errors import AuditBroken
from tests.doubles.audit_file import SCHOOLS, file_of, line, log_of, sound


def refused(content):
    """Of which school, at which entry or line, and why a file is refused."""
    with pytest.raises(AuditBroken) as caught:
        logs_in(content, "log.jsonl")
    return caught.value.school, caught.value.seq, caught.value.reason


def with_line(number, new):
    """The sound file with a line replaced."""
    lines = sound().split(b"\n")
    lines[number - 1] = new
    return b"\n".join(lines)


def test_what_is_written_comes_back():
    """Entries and checkpoints of every school are read as they were written."""
    assert [(log.events, log.checkpoints) for log in logs_in(sound(), "f")] == [log_of(school) for school in SCHOOLS]


def test_a_log_is_written_as_far_as_it_is_signed():
    """What was appended behind the last checkpoint waits for the next one."""
    events, kept = log_of("gymnasium-0")
    lines = list(exported(events, kept[:2]))
    assert len(lines) == kept[1].size + 2
    assert lines[-1] == line({"checkpoint": kept[1].document()}).decode()


ENTRY, CHECKPOINT = (part[0].document() for part in log_of("lyceum-2"))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"1", b"null", b"{}", b"\xff\xfe", b'{"checkpoint": {}}', b'{"checkpoint": []}', b"[" * 9999,
        line({**ENTRY, "seq": True}), line({**ENTRY, "x": 1}), line({**ENTRY, "details": {"share": 0.5}}),
        line({**ENTRY, "details": {"count": 2**70}}), line({**ENTRY, "details": {"text": "\ud800"}}),
        line({"checkpoint": {**CHECKPOINT, "size": "8"}}), line({"checkpoint": {**CHECKPOINT, "number": True}}),
        line(ENTRY) + b"\r", line(ENTRY).decode().encode("utf-16"),
    ],
    ids=lambda raw: repr(raw[:24]),
)  # fmt: skip
def test_what_no_export_writes_is_named_by_its_line(raw):
    """Other JSON, other types, numbers that are not whole or too great, other encodings: the line is named."""
    assert refused(with_line(3, raw)) == ("log.jsonl", 3, UNREADABLE)


def test_a_file_that_ends_within_a_line_is_cut():
    """The last line is ended like any other."""
    assert refused(sound()[:-1]) == ("log.jsonl", 45, UNREADABLE)


def test_the_end_must_be_signed():
    """Entries behind the last checkpoint of a school, the last one or an earlier one, stand for nothing."""
    lines = sound().splitlines(keepends=True)
    assert refused(b"".join(lines[:-1])) == ("lyceum-2", 9, UNSIGNED_END)
    assert refused(b"".join(lines[:25] + lines[26:])) == ("gymnasium-0", 17, UNSIGNED_END)
    assert refused(b"".join(lines[:3])) == ("gymnasium-0", 1, UNSIGNED_END)


def test_a_checkpoint_stands_behind_its_last_entry():
    """One that stands too early or too late is out of its place."""
    lines = sound().splitlines(keepends=True)
    early = [*lines[:4], lines[5], lines[4], *lines[6:]]
    late = [*lines[:5], lines[6], lines[5], *lines[7:]]
    assert refused(b"".join(early)) == ("gymnasium-0", 5, MISSING)
    assert refused(b"".join(late)) == ("gymnasium-0", 5, MISSING)


def test_schools_stand_in_order_each_in_one_piece():
    """Another order of schools, and a school that goes on behind another, are refused."""
    logs = [log_of(school) for school in SCHOOLS]
    assert refused(file_of(*logs[::-1])) == ("gymnasium-0", 1, DISORDER)
    assert refused(file_of(*logs, logs[0])) == ("gymnasium-0", 1, DISORDER)
    assert logs_in(b"", "f") == []
