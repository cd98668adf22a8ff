"""`privacy report` on the screen."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ejsync.cli.privacy_report import show_report
from ejsync.domain.consent import Ground, Scope
from ejsync.domain.records import Kind

AT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
TOLD = {
    "school": "school-7",
    "pupil": "1001",
    "held": [{"kind": Kind.MARK, "count": 3, "first": date(2026, 9, 1), "last": date(2026, 11, 16), "since": AT}],
    "quarantined": 1,
    "office": 0,
    "consents": [
        {"number": 1, "scope": Scope.RESULTS, "document": "К-1", "valid_from": date(2026, 9, 1), "valid_until": None,
         "ground": Ground.GRANTED},
    ],
    "withheld": [{"kind": Kind.CONTACT, "ground": Ground.MISSING, "count": 1}],
    "left": [
        {"at": AT.isoformat(), "what": "retracted", "sink": "ed", "records": {"mark": 1}, "outcome": {"failed": 1}},
    ],
    "papers": [{"at": AT.isoformat(), "extract": {"class": "10А", "pages": 2}}],
    "erasures": [{"number": 4, "step": "begun", "begun_at": AT}],
}  # fmt: skip


def test_each_part_is_shown_where_there_is_anything(capsys):
    """Held, in quarantine, consents, withheld, what left, papers, erasures; of empty parts nothing."""
    show_report(TOLD, ZoneInfo("Europe/Moscow"))
    shown = capsys.readouterr().out
    for words in ("01.09.2026-16.11.2026", "К-1", "contact", "failed 1", "10А", "No. 4"):
        assert words in shown
    assert "office" not in shown
