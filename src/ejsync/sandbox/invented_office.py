"""The invented school's office: what it keeps in sheets and ElJur does not know, as rows and as XLSX files.

Nobody can be meant: telephone numbers begin with an area code that nobody has, addresses name towns that are not there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from ejsync.sandbox.reckoning_terms import begun, smallest
from ejsync.sandbox.spelling import line
from ejsync.sheets.written import Head, Leaf, workbook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Json: TypeAlias = "dict[str, Any]"
Office: TypeAlias = "dict[str, list[Json]]"

_HOURS_ASTRAY = (0, 0, 0, 0, 1, 2, -1)
_MOST_CONTROL_WORKS = 3
_PUPILS_A_DEFERRAL = 40
_PUT_OFF = timedelta(days=45)
_CONTACTS_SHARE = 0.4
_ADVICE = ("Повторить правила и прийти на консультацию", "Больше читать вслух", "Готовиться к олимпиаде", "=2+2")
"""The last one is a text that a spreadsheet must not reckon with."""
_WORDS = {
    "mother": "мать", "father": "отец", "guardian": "опекун", "email": "электронная почта", "sms": "СМС",
    "post": "письмо", "electronic": "электронная", "paper": "бумажная", "deferred": "отсрочка",
    "exempt": "освобождение",
}  # fmt: skip
_PERIODS = {"chetvert": "четверть", "polugodie": "полугодие", "year": "год"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of sheet: what an import calls it, its tab, and its columns by the fields of its rows."""

    kind: str
    tab: str
    heads: Mapping[str, str]


SHEETS = {
    "contacts": Sheet(
        "contact",
        "Контакты",
        {
            "pupil": "№ ученика", "whose": "Чей контакт", "way": "Способ связи", "address": "Контакт", "form": "Форма",
            "valid_from": "Действует с", "valid_until": "Действует до",
        },
    ),
    "curriculum": Sheet(
        "curriculum",
        "Учебный план",
        {
            "class": "Класс", "subject": "Предмет", "group": "Группа", "school_year": "Учебный год",
            "period": "Период", "hours": "Часов по плану", "control_works": "Контрольных работ",
        },
    ),
    "deferrals": Sheet(
        "deferral",
        "Отсрочки",
        {
            "pupil": "№ ученика", "subject": "Предмет", "school_year": "Учебный год", "period": "Период",
            "state": "Решение", "until": "Отсрочка до", "document": "Приказ",
        },
    ),
    "recommendations": Sheet(
        "recommendation",
        "Рекомендации",
        {
            "pupil": "№ ученика", "class": "Класс", "subject": "Предмет", "date": "Дата", "teacher": "Учитель",
            "text": "Рекомендация",
        },
    ),
}  # fmt: skip
"""By the names of `reckoning.OFFICE`."""


def invent_office(journal: Mapping[str, Any], *, seed: int, put_off: Collection[str] | None = None) -> Office:
    """Return the rows of an office that knows the school of this dump, as `reckoning` takes them.

    Args:
        journal: `GET /_control/state` of the simulated ElJur.
        seed: tells one office of a school from another.
        put_off: ids of the pupils whose results may be put off; of all by default.
    """
    rng, year = Random(f"{seed}/office"), int(journal["school_year"].partition("/")[0])
    absent = [pupil for pupil in journal["pupils"] if put_off is None or pupil["id"] in put_off]
    return {
        "contacts": list(_contacts(journal, rng, year)),
        "curriculum": list(_curriculum(journal, rng, year)),
        "deferrals": list(_deferrals(journal, rng, year, absent)),
        "recommendations": list(_recommendations(journal, rng)),
    }


def office_files(office: Office) -> dict[str, bytes]:
    """Return the office's sheets as XLSX files, by the kind that an import calls them."""
    return {sheet.kind: workbook([_leaf(sheet, office[name])]) for name, sheet in SHEETS.items()}


def _leaf(sheet: Sheet, rows: Iterable[Json]) -> Leaf:
    heads = [Head(title, days=field.startswith(("valid", "until", "date"))) for field, title in sheet.heads.items()]
    return Leaf(sheet.tab, heads, [tuple(_cell(field, row[field]) for field in sheet.heads) for row in rows])


def _cell(field: str, value: Any) -> Any:
    """Write a value as an office does: days as days, codes as words, a school year with its end."""
    if value is not None and field in {"valid_from", "valid_until", "until", "date"}:
        return date.fromisoformat(value)
    if field == "school_year":
        return f"{value}/{value + 1}"
    if field == "period":
        name, _, number = value.partition("_")
        return f"{number} {_PERIODS[name]}".strip()
    return _WORDS.get(value, value) if isinstance(value, str) else value


def _contacts(journal: Mapping[str, Any], rng: Random, year: int) -> Iterator[Json]:
    for number, pupil in enumerate(journal["pupils"], start=1):
        if number > 1 and rng.random() > _CONTACTS_SHARE:
            continue
        way, address, form = rng.choice(
            [
                ("email", f"family-{number}@example.org", "electronic"),
                ("sms", f"+7000{number:07d}", "electronic"),
                ("post", f"г. Небылов, ул. Выдуманная, д. {number}", "paper"),
            ]
        )
        whose = rng.choice(["mother", "father", "guardian"])
        since = {"valid_from": f"{year}-09-01", "valid_until": None}
        yield {"pupil": pupil["id"], "whose": whose, "way": way, "address": address, "form": form, **since}


def _curriculum(journal: Mapping[str, Any], rng: Random, year: int) -> Iterator[Json]:
    """Yield the hours that each class was meant to have: those of its timetable, now and then a few more or fewer."""
    taught: dict[str, Counter[tuple[str, str, str]]] = {fact["class"]: Counter() for fact in journal["classes"]}
    for fact in journal["lessons"]:
        taught[fact["class"]][fact["date"], line(fact["name"]) or "", fact["grp"] or ""] += 1
    for fact in journal["classes"]:
        for term in smallest([term for term in journal["periods"] if term["class"] == fact["class"]]):
            for subject in sorted(line(one["name"]) or "" for one in fact["subjects"]):
                groups = Counter[str]()
                for (day, name, group), count in taught[fact["class"]].items():
                    if name == subject and term["start"] <= day <= term["end"]:
                        groups[group] += count
                hours = max(groups.values(), default=0) + rng.choice(_HOURS_ASTRAY)
                yield {
                    "class": line(fact["class"]),
                    "school_year": year,
                    "subject": subject,
                    "group": None,
                    "period": term["name"],
                    "hours": max(hours, 1),
                    "control_works": min(rng.randint(0, _MOST_CONTROL_WORKS), max(hours, 1)),
                }


def _deferrals(journal: Mapping[str, Any], rng: Random, year: int, pupils: list[Json]) -> Iterator[Json]:
    """Yield now a subject put off for the running period, now a pupil exempt from one for the year."""
    until = (date.fromisoformat(journal["today"]) + _PUT_OFF).isoformat()
    count = min(len(pupils), max(2, len(pupils) // _PUPILS_A_DEFERRAL))
    for number, pupil in enumerate(rng.sample(pupils, count), start=1):
        form = next(fact for fact in journal["classes"] if fact["class"] == pupil["class"])
        terms = [{**term, "school_year": year, "period": term["name"]} for term in _terms(journal, pupil["class"])]
        later = number % 2 == 1
        yield {
            "pupil": pupil["id"],
            "school_year": year,
            "subject": line(rng.choice(form["subjects"])["name"]),
            "period": smallest(begun(terms, journal["today"]))[-1]["name"] if later else "year",
            "state": "deferred" if later else "exempt",
            "until": until if later else None,
            "document": f"Приказ № {number}-у",
        }


def _terms(journal: Mapping[str, Any], form: str) -> list[Json]:
    return [term for term in journal["periods"] if term["class"] == form]


def _recommendations(journal: Mapping[str, Any], rng: Random) -> Iterator[Json]:
    """Yield one for each class, and one for a pupil of it."""
    for fact in journal["classes"]:
        members = [pupil["id"] for pupil in journal["pupils"] if pupil["class"] == fact["class"]]
        teacher = rng.choice(journal["teachers"])["short"]
        for pupil in (None, *rng.sample(members, min(1, len(members)))):
            yield {
                "pupil": pupil,
                "class": None if pupil else line(fact["class"]),
                "subject": line(rng.choice(fact["subjects"])["name"]) if pupil else None,
                "date": journal["today"],
                "teacher": line(teacher),
                "text": rng.choice(_ADVICE),
            }
