"""Texts translated when shown; questions where nobody answers."""

import click
import pytest
from click.testing import CliRunner

from ejsync.cli import speaking
from ejsync.cli.speaking import Verbs, argument, confirm, option, told, worded
from ejsync.wording import use_language

group = Verbs("thing", help="Show the last entries.", examples=("ejsync thing one",))


@group.command("one", help="Show the last entries.", examples=("ejsync thing one",))
@option("-n", "count", type=int, help="How many entries.")
@option("--word", help="How many entries.")
@argument("name", metavar="NAME")
def one(count, word, name):
    """Do nothing."""


def _help(language, *words):
    use_language(language)
    return CliRunner().invoke(group, [*words, "--help"]).stdout


def test_one_process_speaks_both_languages():
    """Help, options, value names and click's own words follow the language of the moment, again and again."""
    for _ in range(2):
        english, russian = _help("en", "one"), _help("ru", "one")
        assert "Show the last entries." in english
        assert "Show this message and exit." in english
        assert "Показать последние записи." in russian
        assert "Сколько записей." in russian
        assert "ИМЯ" in russian
        assert "--word ТЕКСТ" in russian
        assert "Show" not in russian


def test_a_group_lists_its_verbs_in_its_language():
    """The short help of a verb is translated too."""
    assert "Показать последние записи." in _help("ru")


def test_an_absent_text_stays_absent():
    """Nothing is translated into the catalogue's header."""
    assert told("") == ""
    assert told(None) is None
    use_language("en")
    assert worded("INTEGER") == "NUMBER"


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("y", True), ("Да", True), ("д", True), ("n", False), ("нет", False), ("н", False), ("", False)],
)
def test_an_answer_is_understood_in_both_languages(monkeypatch, typed, agreed):
    """Yes and no, whole or by their first letter; nothing typed is a no."""
    monkeypatch.setattr(speaking, "on_terminal", lambda: True)
    with CliRunner().isolation(input=f"what?\n{typed}\n"):
        assert confirm("really?", yes=False) is agreed


def test_yes_asks_nothing_and_a_pipe_cannot_answer(monkeypatch):
    """With --yes it is settled; without a terminal it is a wrong use."""
    assert confirm("really?", yes=True)
    monkeypatch.setattr(speaking, "on_terminal", lambda: False)
    with pytest.raises(click.UsageError):
        confirm("really?", yes=False)
