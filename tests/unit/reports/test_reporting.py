"""What all reports share."""

from ejsync.reports.reporting import abbreviated, entitled, head, identity
from tests.doubles.paper_class import records_of


def test_short_words_of_subjects_differ():
    """Three letters each; those that begin alike differ in a later one; equal beginnings without end get a number."""
    short = abbreviated(["Физика", "Физическая культура", "Физ-ра", "ИЗО", "-"])
    assert list(short.values()) == ["Физ", "Фии", "Фир", "ИЗО", "-"]
    assert len(set(abbreviated([f"Музыка{'а' * number}" for number in range(6)]).values())) == 6


def test_a_report_says_what_it_is_about():
    """Class, period and its days, in a line, on a page and in JSON."""
    records = records_of()
    assert entitled(records, "X") == "X · 10А · 1 полугодие · 01.09.2026 – 27.12.2026"
    assert {"class": "10А", "period": "1 полугодие", "issued": "16.11.2026"}.items() <= head(records, "X").items()
    assert identity(records)["period"]["period"] == "p1"
    assert identity(records)["as_of"] == "2026-11-16"
