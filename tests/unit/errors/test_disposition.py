"""What every error of the tree has."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import ejsync.errors as tree
from ejsync.errors import Disposition, EjsyncError, Exit
from ejsync.wording import use_language

PLACE = re.compile(r"{(\w+)}")


def kinds(root=EjsyncError):
    """Return a class and all below it."""
    return [root, *(kind for below in root.__subclasses__() for kind in kinds(below))]


def made(kind):
    """Make an error whose every attribute is its own name."""
    return kind(**{item.name: item.name for item in fields(kind)})


@pytest.fixture(params=["ru", "en"])
def language(request, monkeypatch):
    """Speak each language in turn."""
    monkeypatch.setenv("LANGUAGE", "")
    return use_language(request.param)


def test_codes_are_unique():
    """A code names one class."""
    codes = [kind.code for kind in kinds()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_an_error_says_what_happens_next(kind):
    """Code, docstring, disposition and exit code are there and of their form."""
    assert re.fullmatch(r"EJ-\d{3}", kind.code)
    assert kind.__doc__.splitlines()[0].endswith(".")
    assert isinstance(kind.disposition, Disposition)
    assert isinstance(kind.exit_code, Exit)
    assert kind.exit_code is not Exit.WELL


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_cause_and_next_step_are_filled_in_both_languages(kind, language):
    """Sentence and remedy are whole: no place is left open."""
    error = made(kind)
    for text in (error.sentence(), error.remedy()):
        assert text
        assert not PLACE.search(text), language


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if not kind.__subclasses__()], ids=lambda kind: kind.__name__
)
def test_russian_is_not_english(kind, monkeypatch):
    """Each cause is translated."""
    monkeypatch.setenv("LANGUAGE", "")
    use_language("ru")
    assert re.search("[а-я]", made(kind).sentence())


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_the_text_for_logs_is_code_name_and_attributes(kind):
    """str() shows typed attributes and nothing else."""
    error = made(kind)
    assert str(error).startswith(f"{kind.code} {kind.__name__}(")
    assert error.facts() == {item.name: item.name for item in fields(kind)}


def test_every_class_is_offered_at_the_top():
    """Callers import from `ejsync.errors` alone, and the drawing names each class."""
    for kind in kinds()[1:]:
        assert getattr(tree, kind.__name__) is kind
        assert kind.__name__ in tree.__doc__


def test_errors_know_nothing_of_the_house():
    """The lowest floor imports only itself and the wording."""
    source = "".join(file.read_text(encoding="utf-8") for file in Path(tree.__file__).parent.glob("*.py"))
    imported = set(re.findall(r"^(?:from|import) (ejsync[\w.]*)", source, re.MULTILINE))
    assert {name.split(".")[1] for name in imported} == {"errors", "wording"}


def test_several_places_are_written_as_people_do():
    """A tuple of pointers is shown with commas, without Python's brackets and quotes."""
    use_language("en")
    told = tree.ContractViolation(contract="ed/v1/mark", pointers=("/raw", "/day")).sentence()
    assert told == "Data broke the contract ed/v1/mark at /raw, /day."
