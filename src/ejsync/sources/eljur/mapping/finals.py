"""Final marks from `getfinalassessments` (fact sheet, section 3): they have a period and no date."""

from ejsync.domain.readings import reading
from ejsync.domain.records import Kind, Record, owner_pupil
from ejsync.sources.eljur.mapping.findings import Findings
from ejsync.sources.eljur.mapping.tidy import Json, entered, handed, identity, prose, rows, text

_KINDS = frozenset({Kind.FINAL_MARK})


def read_finals(findings: Findings) -> None:
    """Read the final marks of the pupils asked for; an empty value says that none is set yet."""
    findings.doubt_silence(findings.asked_owners(), _KINDS)
    for pupil, student in findings.pupils():
        items = rows(student.get("items"))
        findings.cover(owner_pupil(pupil), _KINDS, believable=bool(items))
        for item in items:
            for row in rows(item.get("assessments")):
                _add(findings, pupil, text(item.get("name")), row)


def _add(findings: Findings, pupil: str, subject: str | None, row: Json) -> None:
    raw, period = entered(row.get("value")), identity(row.get("period"))
    if raw in (None, "") and "value" in row:
        findings.passed_over["phantom"] += 1
        return
    data = {
        "pupil": pupil,
        "subject": subject,
        "period": period,
        "raw": raw,
        "reading": reading(raw if isinstance(raw, str) else ""),
        "comment": handed(prose, row.get("comment")),
    }
    findings.add(Record(Kind.FINAL_MARK, f"{pupil}/{subject}/{period}", owner_pupil(pupil), pupil, None, data))
