"""Whatever is written into a sheet of ours is read back the same, as XLSX and as CSV."""

from datetime import date

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync import sheets
from ejsync.domain.office import OfficeKind
from ejsync.domain.office_rows import STATES, WHOSE
from ejsync.domain.office_sheets import COLUMNS, parse
from ejsync.sheets.delimited import text_lines
from ejsync.sheets.workbooks import read_workbook
from ejsync.sheets.written import Head, Leaf, workbook
from tests.doubles.office import school

DAYS = st.dates(date(2026, 9, 1), date(2027, 8, 31))
PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" =+-@'\";,")
TEXTS = st.text(PRINTABLE, min_size=1, max_size=40).map(str.strip).filter(bool)
VALUES = st.one_of(st.none(), TEXTS, st.integers(-(10**9), 10**9), DAYS)
PUPILS = st.sampled_from(["2001", "2002", "2003", "2004"])


def _xlsx(heads, rows):
    return workbook([Leaf("Лист", [Head(head) for head in heads], rows)])


def _csv(heads, rows):
    return "\n".join(text_lines([heads, *rows])).encode("utf-8-sig")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES).filter(any), min_size=1, max_size=8))
def test_any_table_comes_back_from_a_workbook(rows):
    """Texts that look like formulas, numbers, days and empty cells: each as it was."""
    grid = read_workbook(_xlsx(("a", "b", "c"), rows))
    assert grid.faults == ()
    found = dict(grid.rows[1:])
    wanted = {number: row for number, row in enumerate(rows, start=2) if any(cell is not None for cell in row)}
    assert {number: (*cells, None, None)[:3] for number, cells in found.items()} == wanted


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
def test_any_table_of_texts_comes_back_from_csv(rows):
    """Quotes, separators and signs that begin formulas do no harm."""
    assert [cells for _, cells in sheets.read(_csv(("a", "b"), rows)).rows[1:]] == rows


def _row(kind, cells):
    return tuple(cells.get(column.name) for column in COLUMNS[kind])


CONTACTS = st.fixed_dictionaries(
    {"pupil": PUPILS, "whose": st.sampled_from(sorted(WHOSE)), "way": st.just("письмо"),
     "address": TEXTS.map(lambda text: f"{text}, Тестово, 1"), "form": st.sampled_from(["бумажная", "на бумаге"]),
     "valid_from": DAYS}
)  # fmt: skip
DEFERRALS = st.fixed_dictionaries(
    {"pupil": PUPILS, "period": st.sampled_from(["p1", "2 четверть", "год"]), "document": TEXTS,
     "state": st.sampled_from([word for word, meaning in STATES.items() if meaning == "deferred"]), "until": DAYS}
)  # fmt: skip
ADVICE = st.fixed_dictionaries({"pupil": PUPILS, "date": DAYS, "teacher": TEXTS, "text": TEXTS})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(OfficeKind.CONTACT, CONTACTS), (OfficeKind.DEFERRAL, DEFERRALS),
                        (OfficeKind.RECOMMENDATION, ADVICE)]).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.lists(pair[1], min_size=1, max_size=5))))  # fmt: skip
def test_a_filled_template_gives_the_same_rows_from_either_file(told):
    """Written as XLSX or as CSV, a filled sheet means the same, field by field."""
    kind, rows = told
    cells = list({row["pupil"]: _row(kind, row) for row in rows}.values())
    heads = [column.heads[0] for column in COLUMNS[kind]]
    found = read_workbook(_xlsx(heads, cells)), sheets.read(_csv(heads, cells))
    first, second = (parse(kind, grid, school()) for grid in found)
    assert first.faults == second.faults == ()
    assert first.entries == second.entries
    payloads = [orjson.loads(entry.payload) for entry in first.entries]
    told_back = {"contact": "address", "deferral": "document", "recommendation": "text"}[kind.value]
    assert [one[told_back] for one in payloads] == [
        row[[column.name for column in COLUMNS[kind]].index(told_back)] for row in cells
    ]
