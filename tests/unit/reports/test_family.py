"""The answer to a family's request."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ejsync.domain.consent import Ground
from ejsync.reports.family import answer
from ejsync.reports.paper import Press

AT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
EXTRACT = {"class": "10А", "school_year": 2026, "period": "p1", "pages": 2}
LEFT = {"at": AT.isoformat(), "what": "sent", "sink": "ed", "records": {"mark": 3}, "consents": [1, 2],
        "documents": ["К-1"], "outcome": {"delivered": 2, "rejected": 1}}  # fmt: skip
CONSENT = {"number": 1, "scope": "results", "document": "К-1", "valid_from": date(2026, 9, 1), "valid_until": None,
           "withdrawn_at": None, "ground": Ground.GRANTED}  # fmt: skip
TOLD = {
    "pupil": "1001",
    "at": AT,
    "held": [{"kind": "mark", "count": 3, "first": date(2026, 9, 1), "last": date(2026, 11, 16), "since": AT}],
    "quarantined": 1,
    "office": 2,
    "consents": [CONSENT, {**CONSENT, "number": 2, "withdrawn_at": AT, "ground": Ground.WITHDRAWN}],
    "withheld": [{"kind": "contact", "ground": Ground.MISSING, "count": 1}],
    "left": [LEFT, {"at": AT.isoformat(), "what": "retracted", "sink": "ed", "records": {"mark": 1}}],
    "totals": {"ed": {"sent, delivered": 2, "retracted, delivered": 1}},
    "papers": [{"at": AT.isoformat(), "extract": EXTRACT}],
    "erasures": [{"number": 1, "step": "done", "begun_at": AT}],
}
NOTHING = dict.fromkeys(("held", "consents", "withheld", "left", "papers", "erasures"), ())


def answered(**other):
    """The data of the paper."""
    zone = ZoneInfo("Europe/Moscow")
    return answer({**TOLD, **other}, operator="Лицей", address="г. Тестов", zone=zone, years=3)


def test_what_left_stands_with_its_ground_and_its_end():
    """When, what, to whom, by which consent and document, with what outcome; a retraction needs no ground."""
    first, second = answered()["left"]
    assert first == ["24.11.2026 12:05", "передано", "отметки с комментариями: 3", "ed",
                     "согласие № 1, 2, документ К-1", "принято: 2, не принято: 1"]  # fmt: skip
    assert second[1:] == ["отозвано", "отметки с комментариями: 1", "ed", "—", ""]


def test_what_is_held_and_withheld_is_counted():
    """By kind, with days and since when; what stays back with the reason."""
    told = answered()
    assert told["held"] == [["отметки с комментариями", "3", "01.09.2026 – 16.11.2026", "24.11.2026 12:05"]]
    assert told["withheld"] == ["контакты семьи (телефон, адрес электронной почты): 1 (согласия нет)"]
    assert [one[-1] for one in told["consents"]] == ["действует", "отозвано 24.11.2026 12:05"]
    assert told["totals"] == ["ed: передано и принято записей 2, отозвано 1"]


@pytest.mark.parametrize("other", [{}, {**NOTHING, "totals": {}}])
def test_it_can_be_set_with_and_without_anything_to_tell(other):
    """A pupil of whom nothing is held gets an answer too."""
    paper = Press("family").pdf({**answered(**other), "page_of": "%p/%n"}, date(2026, 11, 24))
    assert paper.pages == 1
