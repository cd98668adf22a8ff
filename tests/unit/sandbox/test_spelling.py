"""Texts as a person reads them."""

import pytest

from ejsync.sandbox.spelling import line, lines


@pytest.mark.parametrize(
    ("shown", "read"),
    [(" Анна&nbsp; Б.\t", "Анна Б."), ("&quot;Мир&quot;", '"Мир"'), (42, "42"), ("  ", None), (None, None)],
)
def test_a_line_is_read_without_its_clutter(shown, read):
    """Entities are resolved and blanks are single; nothing stands where nothing is shown."""
    assert line(shown) == read


def test_lines_are_kept():
    """A longer text keeps its lines, each read by itself, without empty ones around it."""
    assert lines("\n§ 1  &amp; § 2\r\n\r\nупр. 3 \n") == "§ 1 & § 2\n\nупр. 3"
    assert lines(" ") is None
    assert lines(None) is None
