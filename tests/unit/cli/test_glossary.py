"""Words for values."""

from datetime import date

import click
import pytest

from ejsync.cli.glossary import day, pupil_id, word
from ejsync.domain.consent import Decision, Ground, Scope
from ejsync.domain.records import Feed, Kind
from ejsync.wording import use_language


def test_every_value_that_tables_show_has_a_word():
    """Kinds, feeds, grounds, scopes and decisions are words, without the underscores of files."""
    use_language("en")
    for value in [*Ground, *Scope, *Decision, *Kind, *Feed]:
        assert "_" not in word(value.value)
    assert word("missing") == "not asked"
    assert word("something else") == "something else"


def test_a_day_is_written_with_points():
    """Days are written as schools write them."""
    assert day(date(2026, 9, 1)) == "01.09.2026"


@pytest.mark.parametrize("name", ["Ivanov-Ivan", "Иванов", "", "١٢", "12 3"])
def test_a_name_is_not_repeated(name):
    """What is no number may be a name: it is refused, and not a letter of it is shown."""
    use_language("en")
    with pytest.raises(click.UsageError) as caught:
        pupil_id(name)
    assert not name or name not in caught.value.message
    assert [pupil_id(one) for one in ("100001", "a-17")] == ["100001", "a-17"]
