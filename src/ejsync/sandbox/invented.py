"""Invented people: surnames that nobody bears, ordinary first names, ids as ElJur gives them.

Surnames are made of a plant, a stone or a thing and a syllable that no real surname has, so that no living person
can be meant. A few people lack a patronymic, some carry `ё`, some names are long, and a large school holds
namesakes, because the real journal holds all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FIRST_PUPIL_ID = 100_001
FIRST_TEACHER_ID = 501
CLASS_SIZE = 25
NAMESAKES_FROM = 100
GROUPS = ("И1", "И2")

_LEVELS = 11
# A school too small for every parallel still shows half-years, quarters and first-formers, in this order.
_LEVELS_FILLED_FIRST = (10, 5, 1, 9, 2, 7, 11, 3, 6, 8, 4)
_LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭЮЯ"
_STEMS = (
    "Тестов",
    "Пробн",
    "Выдум",
    "Небыл",
    "Мним",
    "Словар",
    "Чернильн",
    "Журнал",
    "Звонк",
    "Мелк",
    "Парт",
    "Учебн",
    "Тетрад",
    "Каранд",
    "Линей",
    "Глобус",
    "Берёзк",
    "Кленов",
    "Рябинк",
    "Малинк",
    "Камушк",
    "Гранит",
    "Янтар",
    "Кварц",
    "Облачк",
    "Радуг",
)
_MIDDLES = ("абр", "евл", "ивр", "онт", "уш", "арм", "илт", "окр", "еп", "урд", "ямк", "юн", "оль", "икс")
_MALE = ("Андрей", "Борис", "Виктор", "Глеб", "Денис", "Егор", "Кирилл", "Лев", "Олег", "Пётр", "Семён", "Фёдор")
_FEMALE = ("Алёна", "Вера", "Дарья", "Ева", "Зоя", "Инна", "Ксения", "Лада", "Нина", "Ольга", "Полина", "Юлия")
_FATHERS = (
    "Андрее",
    "Борисо",
    "Викторо",
    "Глебо",
    "Денисо",
    "Егоро",
    "Кирилло",
    "Марко",
    "Олего",
    "Петро",
    "Семёно",
    "Фёдоро",
)
# Names that break columns and parsers: a double surname, a triple first name, a patronymic of two words.
_LONG = ("Аль-Выдуманный-Небывалов", "Анна-Мария-Виктория", "Абдулвыдумгаджи оглы")


@dataclass(slots=True)
class Teacher:
    """A teacher; `short` is what a class timetable shows, `full` what a pupil's timetable shows."""

    id: str
    lastname: str
    firstname: str
    middlename: str

    @property
    def short(self) -> str:
        """Surname and initials."""
        initials = [f"{name[0]}." for name in (self.firstname, self.middlename) if name]
        return " ".join([self.lastname, *initials])

    @property
    def full(self) -> str:
        """Surname, name and patronymic; every seventh with the stray double space that ElJur shows."""
        # By id, not by chance: the same teacher is always spelled the same way.
        gap = "  " if int(self.id) % 7 == 0 else " "
        return gap.join(part for part in (self.lastname, self.firstname, self.middlename) if part)


@dataclass(slots=True)
class Pupil:
    """A pupil, the class he is in now, and his group where his class learns English in two."""

    id: str
    lastname: str
    firstname: str
    middlename: str
    form: str
    group: str

    @property
    def title(self) -> str:
        """Surname and name, as ElJur titles a pupil."""
        return f"{self.lastname} {self.firstname}"


def class_names(pupils: int) -> list[str]:
    """Names of the classes that so many pupils fill, `1А` first; parallels grow evenly."""
    full, rest = divmod(max(1, round(pupils / CLASS_SIZE)), _LEVELS)
    sizes = {level: full + (level in _LEVELS_FILLED_FIRST[:rest]) for level in range(1, _LEVELS + 1)}
    return [f"{level}{_letter(n)}" for level, size in sizes.items() for n in range(size)]


def level_of(form: str) -> int:
    """The level of a class: 10 for `10А` and for `10А2`."""
    return int("".join(takewhile(str.isdigit, form)))


def invent_pupils(rng: Random, *, count: int) -> list[Pupil]:
    """So many pupils, spread evenly over their classes."""
    forms = class_names(count)
    pupils = [invent_pupil(rng, number=number, form=forms[number * len(forms) // count]) for number in range(count)]
    # Namesakes are made, not hoped for: a reader that joins people by name must fail here.
    if count >= NAMESAKES_FROM:
        one, other = pupils[count // 3], pupils[count // 2]
        other.lastname, other.firstname, other.middlename = one.lastname, one.firstname, one.middlename
        pupils[-1].lastname, pupils[-1].middlename = _LONG[0], _LONG[2]
        pupils[-1].firstname = _LONG[1]
    return pupils


def invent_pupil(rng: Random, *, number: int, form: str) -> Pupil:
    """One pupil, the number-th of the school from 0."""
    lastname, firstname, middlename = _invent_name(rng, without_patronymic=0.04)
    return Pupil(str(FIRST_PUPIL_ID + number), lastname, firstname, middlename, form, GROUPS[number % len(GROUPS)])


def invent_teachers(rng: Random, *, count: int) -> list[Teacher]:
    """So many teachers."""
    return [
        Teacher(str(FIRST_TEACHER_ID + number), *_invent_name(rng, without_patronymic=0.02)) for number in range(count)
    ]


def _invent_name(rng: Random, *, without_patronymic: float) -> tuple[str, str, str]:
    woman = rng.random() < 0.5  # noqa: PLR2004 - a fair coin
    stem = rng.choice(_STEMS) + rng.choice(_MIDDLES)
    lastname = stem + ("ова" if woman else "ов")
    firstname = rng.choice(_FEMALE if woman else _MALE)
    middlename = rng.choice(_FATHERS) + ("вна" if woman else "вич")
    return lastname, firstname, "" if rng.random() < without_patronymic else middlename


def _letter(number: int) -> str:
    letters = len(_LETTERS)
    return _LETTERS[number] if number < letters else f"{_LETTERS[number % letters]}{number // letters + 1}"
