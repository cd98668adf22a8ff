"""Statistics of a class's subject in a period: lessons against the curriculum, types of work, marks, results.

Marks of the class count as `domain/scales.py` lets them into a mean: each value once, without its weight, so that count
and mean follow from the distribution (mean = Σ value·how many / count). Type of work is the `work` of a mark: so many
lessons (a day of a journal) had marks for it.

The results are each pupil's final mark if it is set, else the result his forecast expects; `basis` says which of them
were counted. Shares are those of `domain/results.py`. A class without marks has lessons and no results.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ejsync.domain.derived_payloads import Forecast, LessonStatistics, MarkSpread, ResultSpread, WorkCount
from ejsync.domain.lesson_accounts import Lessons, Taught, lesson_accounts
from ejsync.domain.payloads import Absence, FinalMark, Mark
from ejsync.domain.results import NOT_ATTESTED, outcome_of, progress, quality, spread
from ejsync.domain.rounding import mean
from ejsync.domain.scales import UNMARKED_PARALLEL, values_of


@dataclass(frozen=True, slots=True)
class Achievements:
    """What the pupils of one class did in a subject; marks and absences of other subjects or days are left out.

    Attributes:
        finals: final marks of this subject and period only.
        forecasts: forecasts of this subject and period only.
    """

    marks: Sequence[Mark] = ()
    absences: Sequence[Absence] = ()
    finals: Sequence[FinalMark] = ()
    forecasts: Sequence[Forecast] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """All that is counted of one class."""

    lessons: Lessons = field(default_factory=Lessons)
    achievements: Achievements = field(default_factory=Achievements)


def lesson_statistics(taught: Taught, register: Register) -> LessonStatistics:
    """Count lessons, works, marks and results of a class's subject in a period."""
    done = register.achievements
    marked = taught.school_class["parallel"] != UNMARKED_PARALLEL
    marks = taught.of(done.marks)
    statuses = Counter(row["status"] for row in taught.of(done.absences))
    return {
        "class": taught.school_class["name"],
        "school_year": taught.period["school_year"],
        "period": taught.period["period"],
        "subject": taught.subject,
        "lessons": lesson_accounts(taught, register.lessons),
        "works": work_counts(marks),
        "marks": mark_spread(marks if marked else ()),
        "results": result_spread(done.finals, done.forecasts) if marked else result_spread((), ()),
        "absences": statuses["absent"],
        "late": statuses["late"],
        "as_of": taught.as_of.isoformat(),
    }


def work_counts(marks: Iterable[Mark]) -> list[WorkCount]:
    """Count lessons and marks by the type of work, in the order of the titles."""
    given = [(mark["work"]["title"], mark["lesson"], mark["date"]) for mark in marks if mark["work"]]
    of_marks, of_lessons = (Counter(title for title, *_ in found) for found in (given, set(given)))
    return [{"title": title, "lessons": of_lessons[title], "marks": of_marks[title]} for title in sorted(of_marks)]


def mark_spread(marks: Iterable[Mark]) -> MarkSpread:
    """Count the values of marks that enter a mean, and take their plain mean."""
    values = [value for mark in marks for value in values_of(mark)]
    return {"distribution": spread(values), "count": len(values), "mean": mean(sum(values), len(values))}


def result_spread(finals: Iterable[FinalMark], forecasts: Iterable[Forecast]) -> ResultSpread:
    """Count the results of pupils in one subject and period, and take the shares."""
    set_already = {final["pupil"]: final for final in finals}
    awaited = {row["pupil"]: row for row in forecasts}
    outcomes = [outcome_of(set_already.get(pupil), awaited.get(pupil)) for pupil in set_already | awaited]
    results = [result for result, _ in outcomes if result is not None]
    sources = {source for result, source in outcomes if result is not None and source}
    return {
        "basis": "mixed" if len(sources) > 1 else next(iter(sources), "none"),
        "distribution": spread(results),
        "not_attested": results.count(NOT_ATTESTED),
        "pupils": len(results),
        "quality": quality(results),
        "progress": progress(results),
    }
