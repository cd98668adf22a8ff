"""Setting pages."""

import re
import zlib

import pytest
import typst

from ejsync.errors import PaperFailed
from ejsync.reports.extract import booklet
from ejsync.reports.paper import Press, Printed
from tests.doubles.paper_class import TODAY, records_of, statistics_page

HOSTILE = (
    "#panic()", '#eval("1")', "$x$", "]", "*a* _b_ `c` <label> @ref", "// gone?", "\\", '#read("frame.typ")',
    "=1+1",    "\u202eгипс\u202c", "😀👩‍👩‍👧", "слово " * 660, "я" * 4000, "a\nb", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def press():
    """One press for all: fonts are looked up once."""
    return Press("extract")


@pytest.fixture(scope="module")
def booked():
    """The data of a class's extracts."""
    records = records_of()
    return booklet(records, records.people)


def _streams(content):
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


def test_what_is_set_is_pdf_a_with_its_fonts_inside(press, booked):
    """The metadata claim part 2, level U; every font has its file, none comes from the machine."""
    content = press.pdf(booked, TODAY).content
    claims = b"".join(_streams(content))
    assert b"<pdfaid:part>2<" in claims
    assert b"<pdfaid:conformance>U<" in claims
    named, embedded = (len(re.findall(pattern, content)) for pattern in (rb"/FontName/", rb"/FontFile3? "))
    assert named == embedded > 0
    assert set(re.findall(rb"/FontName/[A-Z]+\+([A-Za-z]+)", content)) <= {b"LibertinusSerif", b"DejaVuSansMono"}


def test_the_same_data_of_the_same_day_are_the_same_bytes(booked):
    """Two presses agree; another day is another file."""
    first, second = (Press("extract").pdf(booked, TODAY) for _ in range(2))
    assert first.digest == second.digest
    assert first.digest != Press("extract").pdf(booked, TODAY.replace(day=17)).digest


def test_each_pupil_begins_a_page_and_pages_are_counted(press, booked):
    """Four pupils have four times the pages of one: nobody shares a sheet."""
    one = press.pdf({**booked, "pupils": booked["pupils"][:1]}, TODAY).pages
    assert (one, press.pdf(booked, TODAY).pages) == (2, 8)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_ever_read_as_markup(press, booked, text):
    """Commands, formulas, brackets and endless words are letters wherever a text may stand."""
    pupil = dict(booked["pupils"][0])
    told = {"name": text, "teacher": text, "mean": text, "final": {"mark": text, "state": text}}
    pupil |= {"name": text, "short": text, "subjects": [{**pupil["subjects"][0], **told}]}
    pupil |= {"homework": [{"day": text, "subject": text, "text": text}], "advice": [
        {"day": text, "subject": text, "text": text, "by": text}]}  # fmt: skip
    assert press.pdf({**booked, "school": text, "class": text, "pupils": [pupil]}, TODAY).pages >= 1


@pytest.mark.parametrize(("marked", "bare"), [("$x$", "x"), ("*x*", "x"), ("x // y", "x"), ("#sym.dot", "·")])
def test_signs_of_markup_are_printed(press, booked, marked, bare):
    """A page with the sign looks otherwise than one without: it was neither obeyed nor swallowed."""
    told = {**booked, "pupils": booked["pupils"][:1]}
    same, other, plain = (press.pdf({**told, "school": text}, TODAY).digest for text in (marked, marked, bare))
    assert same == other != plain


def test_what_cannot_be_set_is_one_sentence_without_data(press):
    """A message of typst may quote a text: only its kind is told."""
    with pytest.raises(PaperFailed) as caught:
        press.pdf({"school": "Тайна"}, TODAY)
    assert "Тайна" not in str(caught.value) + caught.value.sentence() + caught.value.remedy()
    assert caught.value.__cause__ is None


class PanicException(BaseException):
    """What a library written in Rust ends in."""


@pytest.mark.parametrize(("raised", "told"), [(PanicException, PaperFailed), (KeyboardInterrupt, KeyboardInterrupt)])
def test_a_panic_of_typst_is_an_error_and_an_interrupt_stays_one(press, monkeypatch, raised, told):
    """Neither ends the process with a foreign page of text."""

    class Broken:
        def compile(self, **_):
            raise raised

    monkeypatch.setattr(press, "_compiler", Broken())
    with pytest.raises(told):
        press.pdf(statistics_page(), TODAY)


def test_a_document_knows_its_pages_and_digest():
    """The tree of pages is not taken for one."""
    printed = Printed(b"/Type/Pages /Type/Page/X /Type /Page >>")
    assert printed.pages == 2
    assert len(printed.digest) == 64


def test_the_library_speaks_the_standard():
    """Typst refuses a standard that it does not know; ours it knows."""
    with pytest.raises((ValueError, typst.TypstError)):
        typst.compile(b"x", format="pdf", pdf_standards="a-9z")
