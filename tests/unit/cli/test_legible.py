"""Text on any terminal."""

import io

import click
import pytest

from ejsync.cli import legible


def _stream(encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    legible.prepare(stream)
    return stream


def _written(stream):
    stream.flush()
    return stream.buffer.getvalue()


def test_ascii_gets_latin_letters():
    """Russian is spelt out, signs are replaced, the unknown becomes a question mark."""
    stream = _stream("ascii")
    stream.write("Щука → «ёж» № 5 ✓ 漢")
    assert _written(stream) == b'Schuka -> "yozh" No. 5 + ?'


def test_click_writes_to_an_ascii_stream_as_it_is():
    """Click does not take it for a mistake and write UTF-8 to it."""
    stream = _stream("ascii")
    click.echo("Школа", file=stream)
    assert _written(stream) == b"Shkola\n"


def test_cp1251_keeps_its_letters():
    """What the encoding can carry stays; only the arrow is spelt."""
    stream = _stream("cp1251")
    stream.write("Школа → ЭД")
    assert _written(stream).decode("cp1251") == "Школа -> ЭД"


@pytest.mark.parametrize(("encoding", "russian"), [("utf-8", True), ("cp1251", True), ("ascii", False)])
def test_a_stream_says_whether_it_speaks_russian(encoding, russian):
    """Only where the letters fit."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert legible.speaks_russian(stream) is russian


def test_a_text_is_measured_as_it_will_stand():
    """Columns count the letters that will be shown."""
    assert legible.fitting(_stream("ascii"), "Школа") == "Shkola"
    assert legible.fitting(_stream("utf-8"), "Школа") == "Школа"


def test_only_encoding_errors_are_spelt():
    """A decoding error is none of this handler's business."""
    with pytest.raises(UnicodeDecodeError):
        legible.spell(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"))


def test_a_stream_without_an_encoding_of_its_own_is_left_alone():
    """A plain StringIO passes through."""
    legible.prepare(io.StringIO())
    assert legible.carries(io.StringIO(), "Школа")
