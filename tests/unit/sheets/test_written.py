"""Sheets that are written: heads, choices, and texts that stay texts."""

import io
import zipfile
from datetime import date

from ejsync import sheets
from ejsync.sheets.written import Head, Leaf, workbook


def _part(content, name):
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def test_a_text_stays_a_text_whatever_it_begins_with():
    """No formula, link or number is made of what somebody typed; what was written comes back."""
    texts = ("=1+1", "+79001234567", "-5", "@x", "https://example.org", "007", "'a")
    made = workbook([Leaf("Лист", [Head(str(number)) for number in range(7)], [texts])])
    assert "<f>" not in _part(made, "xl/worksheets/sheet1.xml")
    assert "hyperlink" not in _part(made, "xl/worksheets/sheet1.xml")
    assert sheets.read(made).rows[1][1] == texts


def test_numbers_days_and_truths_keep_their_kind():
    """They come back as what they were."""
    row = (34, 0.5, date(2026, 9, 1), True)
    made = workbook([Leaf("Лист", [Head("a"), Head("b"), Head("c", days=True), Head("d", text=True)], [row])])
    assert sheets.read(made).rows[1][1] == row


def test_a_column_offers_its_words_and_the_same_sheet_gives_the_same_bytes():
    """Excel lists what may be chosen; nothing of the moment goes into the file."""
    leaf = Leaf("Лист", [Head("Форма", choices=("электронная", "бумажная"))], [])
    made = workbook([leaf])
    assert '"электронная,бумажная"' in _part(made, "xl/worksheets/sheet1.xml")
    assert made == workbook([leaf])
