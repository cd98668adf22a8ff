"""Target: sheets that offices and families' letters come in: CSV, XLSX, ODS, whatever calls itself so."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from ejsync import sheets
from ejsync.cli.cell_faults import told_faults
from ejsync.domain import consent_sheet, office_sheets
from ejsync.domain.office import OfficeKind
from ejsync.errors import BadInput
from ejsync.sheets.workbooks import read_workbook
from tests.doubles.office import PEOPLE, csv, school, xlsx
from tests.fuzz.mutation import CANARY, MARKS, NUMBERS, TEXTS, torn
from tests.fuzz.running import Target

NOW = datetime(2026, 11, 16, tzinfo=UTC)
SCHOOL = school(people=[replace(one, name=(CANARY, *one.name[1:])) for one in PEOPLE])
_SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_DAY = date(2026, 9, 1)
ROWS = {
    "consent": {"ученик": "2001", "область": "результаты", "решение": "согласие", "кем дано": "родитель",
                "документ": f"№ 5 {CANARY}", "действует с": _DAY, "действует до": date(2027, 8, 31)},
    OfficeKind.CONTACT: {"№ ученика": 2001, "ФИО": f"{CANARY} Алёна", "Чей контакт": "мать", "Способ связи": "письмо",
                         "Контакт": f"г. Небылов, {CANARY}, 1", "Форма": "бумажная", "Действует с": _DAY},
    OfficeKind.CURRICULUM: {"Класс": "10А", "Предмет": "Алгебра", "Учебный год": "2026/2027", "Период": "1 четверть",
                            "Часов по плану": 34, "Контрольных работ": 3},
    OfficeKind.DEFERRAL: {"№ ученика": "2002", "Предмет": "Физика", "Период": "2 четверть", "Решение": "отсрочка",
                          "Отсрочка до": _DAY, "Приказ": f"№ 7 {CANARY}"},
    OfficeKind.RECOMMENDATION: {"№ ученика": "2003", "Класс": "5Б", "Дата": _DAY, "Учитель": f"Иванова {CANARY}",
                                "Рекомендация": f"Читать {CANARY}"},
}  # fmt: skip


def _ods(*rows):
    cells = (
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        for row in rows
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    table = f'<table:table table:name="1">{body}</table:table>'
    whole = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f"<office:document-content{_SPACES}>{whole}</office:document-content>",
    }
    return _packed({name: text.encode() for name, text in parts.items()})


def _packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def _parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def _dressed(book, sheet):
    sheet.write_formula("K2", "=1+1", None, 2)


@cache
def corpus():
    """A sheet of each kind as CSV, XLSX and ODS, with the parts of those that are packed."""
    made = []
    for kind, row in ROWS.items():
        table = (tuple(row), tuple(row.values()))
        packed = [xlsx(*table), xlsx(*table, dress=_dressed), _ods(*table)]
        made.append((kind, row, csv(*table), [_parts(content) for content in packed]))
    return tuple(made)


def mutant(rng):
    """A sheet with strange cells, a file with strange bytes, or a package with a strange part."""
    kind, row, text, packages = rng.choice(corpus())
    way = rng.random()
    if way < 0.35:
        return kind, _strange_cells(rng, row)
    if way < 0.6:
        return kind, torn(rng, text)
    parts = dict(rng.choice(packages))
    name = rng.choice(sorted(parts))
    parts[name] = torn(rng, parts[name])
    content = _packed(parts)
    return kind, torn(rng, content, most=2) if rng.random() < 0.3 else content


def _strange_cells(rng, row):
    """A well-made sheet whose cells are as nobody fills them."""
    numbers = [value for value in NUMBERS if abs(value) < 2**70]
    heads, cells = list(row), [list(row.values()) for _ in range(rng.randint(1, 3))]
    for _ in range(rng.randint(1, 3)):
        line = rng.choice([heads, *cells])
        strange = rng.choice((*TEXTS, *numbers, date(1900, 1, 1), date(9999, 12, 31), None, CANARY))
        line[rng.randrange(len(line))] = strange
    if rng.random() < 0.4:
        return _well_xlsx(heads, cells)
    encoding = rng.choice(("utf-8-sig", "utf-8", "cp1251", "utf-16", "utf-16-le"))
    lines = (rng.choice(";;,\t").join("" if cell is None else str(cell) for cell in line) for line in (heads, *cells))
    return rng.choice((b"", b"", rng.choice(MARKS))) + "\r\n".join(lines).encode(encoding, "backslashreplace")


def _well_xlsx(heads, cells):
    def plain(cell):
        if isinstance(cell, str):
            return cell.encode("utf-8", "replace").decode().replace("\0", "")
        return cell if not isinstance(cell, int | float) or (cell == cell and abs(cell) < 1e300) else 0  # noqa: PLR0124

    return xlsx(*(tuple(map(plain, line)) for line in (heads, *cells)))


def _extremes():
    for content in (
        *(b"", b"\0" * 1000, b"\xff\xfe", b"\xff\xfea", b"\xef\xbb\xbf", b"PK", b"PK\x05\x06" + b"\0" * 18, b"<html>"),
        *(b";" * 1_000_000, b"a;" * 1_000_000, b"\n" * 1_000_000, b"a\n" * 300_000, b'"' * 300_001, b'a;b\n"' * 50_000),
        ("ученик;область\n" + "9" * 200_000 + ";x").encode(),
        *(_packed({"content.xml": b"<a>" * 100_000}), _packed({"xl/workbook.xml": b"<a>" * 100_000})),
        *("\n".join([";".join(["ученики"] * 900), "x;" * 899]).encode(), "Класс\0;Предмет".encode("utf-16")),
    ):
        yield "consent", content


def execute(made):
    """Read a sheet as the verbs of `consent` and `import` do, and name its bad cells."""
    kind, content = made
    packed = content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    grid = (read_workbook if packed else sheets.read)(content)
    parsed = consent_sheet.parse(grid, NOW) if kind == "consent" else office_sheets.parse(kind, grid, SCHOOL)
    if parsed.faults:
        raise BadInput(what="file", faults=told_faults(parsed.faults))
    return ""


def target():
    """Sheets of offices."""
    return Target("sheets", (BadInput,), tuple(_extremes()), mutant, execute)
