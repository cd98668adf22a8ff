"""Whom and which class a sheet means: numbers, or names compared without case, spaces and `ё`; never a guess."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from ejsync.domain.grid import fold

Key = TypeVar("Key")
Thing = TypeVar("Thing")

_LATIN = str.maketrans("abcehkmoptxy", "авсенкмортху")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_ENDINGS = frozenset({"я", "й", "е", "ая", "ое", "ый", "ья", "ой"})
_YEAR_WORDS = frozenset({"год", "учебныйгод", "весьгод", "заучебныйгод", "загод", "year"})


@dataclass(frozen=True, slots=True)
class Person:
    """A pupil of the roster: last name, first name, patronymic if he has one."""

    pupil: str
    school_class: str
    name: tuple[str, ...]

    def called(self) -> str:
        """Return his full name, for an operator's terminal only."""
        return " ".join(self.name)


@dataclass(frozen=True, slots=True)
class Term:
    """A period of a class: its school year, ElJur's id, its title."""

    school_year: int
    period: str
    title: str


class School:
    """What the journal, as last read, knows of a school; spellings are compared with indexes made once."""

    def __init__(
        self,
        people: Iterable[Person],
        classes: Iterable[str],
        *,
        years: Mapping[str, int],
        terms: Callable[[str], Sequence[Term]],
        subjects: Callable[[str], Iterable[str]],
        pseudonym: Callable[[str], str],
    ) -> None:
        """Take what is known.

        Args:
            people: the pupils.
            classes: the names of classes.
            years: the school year of each class.
            terms: returns the periods of a class.
            subjects: returns what a class is taught, those of its timetable first; asked only as far as needed.
            pseudonym: returns what stands for a name where no name may.
        """
        self.people = {person.pupil: person for person in people}
        self.classes = frozenset(classes)
        self.years, self.terms, self._subjects, self._pseudonym = years, terms, subjects, pseudonym
        self._by_fold = _grouped((_class_fold(name), name) for name in sorted(self.classes))
        self._by_name = _grouped((key, person) for person in self.people.values() for key in _names(person))

    def stand_in(self, name: str) -> str:
        """Return the keyed pseudonym of a name, the same for every spelling of it."""
        return self._pseudonym(fold(name))

    def classes_called(self, written: str) -> list[str]:
        """Return the classes that a spelling may mean: 10а, 10-А, 10 «А», also with Latin letters."""
        return [written] if written in self.classes else self._by_fold.get(_class_fold(written), [])

    def people_called(self, written: str, school_class: str) -> list[Person]:
        """Return the pupils of a class who bear a name; the patronymic may be left out."""
        return self._by_name.get((school_class, *map(fold, written.split())), [])

    def subject_called(self, written: str, school_class: str) -> str | None:
        """Return a subject of a class as its journal spells it, or None."""
        wanted = fold(written)
        return next((name for name in self._subjects(school_class) if fold(name) == wanted), None)

    def nearest_subjects(self, written: str, school_class: str) -> list[str]:
        """Return the subjects of a class that are spelt most alike, three at most."""
        known = {fold(name): name for name in self._subjects(school_class)}
        return [known[near] for near in get_close_matches(fold(written), known, n=3, cutoff=0.5)]

    def terms_called(self, written: str, school_class: str, year: int) -> list[Term]:
        """Return the periods of a class in a school year that a spelling may mean; 1 and I are the same."""
        known = [term for term in self.terms(school_class) if term.school_year == year]
        named = [term for term in known if term.period == written]
        return named or [term for term in known if _term_fold(term.title) == _term_fold(written)]


def means_year(written: str) -> bool:
    """Tell whether a period is a word for the whole school year."""
    return fold(written) in _YEAR_WORDS


def _grouped(pairs: Iterable[tuple[Key, Thing]]) -> dict[Key, list[Thing]]:
    found: dict[Key, list[Thing]] = defaultdict(list)
    for key, thing in pairs:
        found[key].append(thing)
    return dict(found)


def _names(person: Person) -> set[tuple[str, ...]]:
    """Return what a pupil may be called in a sheet of his class: his whole name, or it without the patronymic."""
    spelt = {person.name, person.name[:2]}
    return {(person.school_class, *(fold(word) for part in name for word in part.split())) for name in spelt}


def _class_fold(name: str) -> str:
    return fold(name).translate(_LATIN)


def _term_fold(title: str) -> str:
    words = [fold(word) for word in re.findall(r"\w+", title)]
    return " ".join(_ROMAN.get(word, word) for word in words if word not in _ENDINGS)
