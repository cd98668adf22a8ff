"""Sentences: the language chosen, the catalogues complete, the plural forms right."""

import importlib.util
import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ejsync.wording import say, say_count, use_language

TOOL = Path(__file__).parents[2] / "tools" / "catalogues.py"


@pytest.fixture(autouse=True)
def _language_restored(monkeypatch):
    """Give the process its language back after each test."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "")


@pytest.fixture(scope="module")
def catalogues():
    """Load the maintenance program."""
    spec = importlib.util.spec_from_file_location("catalogues", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "ru"),
        ({"LC_ALL": "C"}, "ru"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "ru"),
        ({"LANG": "C.UTF-8"}, "ru"),
        ({"LANG": "POSIX"}, "ru"),
        ({"LANG": ""}, "ru"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_US"}, "en"),
        ({"LANG": "pl_PL.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ru_RU", "LANG": "en_US"}, "ru"),
        ({"LANGUAGE": "en_GB:en", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LANGUAGE": "ru", "LC_ALL": "C"}, "ru"),
    ],
)
def test_the_locale_chooses_the_language(monkeypatch, variables, language):
    """The first variable that is set decides; one that says nothing means Russian."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert use_language() == language


def test_a_language_that_is_asked_for_wins(monkeypatch):
    """An explicit language stands above the locale; one we do not speak does not."""
    monkeypatch.setenv("LANG", "en_US")
    assert use_language("ru") == "ru"
    assert os.environ["LANGUAGE"] == "ru"
    assert use_language("tlh") == "en"


def test_a_sentence_is_translated_and_filled():
    """The same call speaks the chosen language."""
    use_language("ru")
    assert say("one of: {known}", known="а, б") == "одно из: а, б"
    use_language("en")
    assert say("one of: {known}", known="a, b") == "one of: a, b"


@pytest.mark.parametrize(
    ("count", "form"),
    [(1, 0), (2, 1), (5, 2), (11, 2), (21, 0), (22, 1), (25, 2)],
)
def test_russian_counts_in_three_forms(catalogues, count, form):
    """Every counted sentence takes the Russian form of its number: 1, 21; 2, 22; 5, 11, 25."""
    use_language("ru")
    counted = [message for message in catalogues.read_catalogue("ru") if message.pluralizable]
    assert counted
    for message in counted:
        names = dict.fromkeys(re.findall(r"{(\w+)", "".join(message.string)), "x") | {"count": count}
        names.pop("count")
        assert say_count(*message.id, count, **names) == message.string[form].format(count=count, **names)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_catalogue_is_complete_fresh_and_compiled(catalogues, language):
    """Nothing is untranslated or fuzzy, the .po matches the source, the .mo matches the .po."""
    assert catalogues.faults(language) == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_translation_has_the_places_of_its_sentence(catalogues, language):
    """No translation invents a `{place}`, and a plain one drops none."""
    for message in catalogues.read_catalogue(language):
        wanted = [message.id] if isinstance(message.id, str) else message.id
        given = [message.string] if isinstance(message.string, str) else message.string
        allowed = set().union(*map(_places, wanted))
        assert all(_places(text) <= allowed for text in given), message.id
        assert len(wanted) > 1 or _places(given[0]) == allowed, message.id


def _places(text):
    return set(re.findall(r"{[^}]*}|%\(\w+\)s", text))


def test_click_speaks_russian_too():
    """Help and errors of the command line library come from the same catalogue."""

    @click.command()
    @click.option("--count", required=True, type=int)
    def program(count):
        """Count."""

    use_language("ru")
    shown = CliRunner().invoke(program, ["--help"]).output
    assert "Вызов:" in shown
    assert "Показать эту справку и выйти." in shown
    assert "Ошибка: Не указан параметр '--count'" in CliRunner().invoke(program, []).output
