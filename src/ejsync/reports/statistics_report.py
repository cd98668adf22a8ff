"""`report statistics`: lessons against the curriculum, works, marks and results of a class, by subject. Pure."""

from collections.abc import Iterator
from typing import Any

from ejsync.domain.records import Kind
from ejsync.reports.class_records import ClassRecords
from ejsync.reports.phrases import DASH, number, percent
from ejsync.reports.reporting import Report, Screen, entitled, head, identity
from ejsync.sheets.written import Head, Leaf
from ejsync.wording import N_, say

_VALUES = ("5", "4", "3", "2", "1")
_BASES = {"finals": N_("final marks"), "forecast": N_("forecasts"), "mixed": N_("both"), "none": DASH}
_COUNTS = ("planned_hours", "held", "replaced", "cancelled", "to_come", "control_works", "planned_control_works")
_HEADS = {
    "planned_hours": N_("Planned"),
    "held": N_("Given"),
    "replaced": N_("Replaced"),
    "cancelled": N_("Cancelled"),
    "to_come": N_("To come"),
    "control_works": N_("Control works"),
    "planned_control_works": N_("Control works planned"),
}
_SHORT = (N_("Plan"), N_("Given"), N_("Repl."), N_("Canc."), N_("Ahead"), N_("Tests"), N_("Plan"))


def statistics_report(records: ClassRecords) -> Report:
    """Make the report.

    Raises:
        NotFound: no statistics of this period were worked out.
    """
    found = sorted(records.needs(Kind.LESSON_STATISTICS).of(Kind.LESSON_STATISTICS), key=lambda row: row["subject"])
    title = say(N_("Statistics of lessons and results"))
    return Report(
        entitled(records, title),
        (),
        (_lessons(found), _results(found), _works(found)),
        (say(N_("Quality: shares of fours and fives; progress: of threes and better, by final marks or forecasts.")),),
        (_leaf(found), _leaf_of_works(found)),
        {**head(records, title), "labels": _labels(), "subjects": [_page(row) for row in found]},
        {**identity(records), "subjects": found},
        records.today,
    )


def _lessons(found: list[Any]) -> Screen:
    rows = [[_named(row, one), *(_shown(one[name]) for name in _COUNTS)] for row in found for one in row["lessons"]]
    return Screen([say(N_("Subject")), *map(say, _SHORT)], rows)


def _results(found: list[Any]) -> Screen:
    heads = (
        N_("Subject"), *_VALUES, N_("Marks"), N_("Mean"), N_("Quality"), N_("Progress"), N_("By")
    )  # fmt: skip
    return Screen([say(one) for one in heads], [[row["subject"], *_spread(row), *_shares(row)] for row in found])


def _spread(row: Any) -> Iterator[object]:
    """Yield how many marks there are of each value, how many in all, and their mean."""
    marks = row["marks"]
    yield from (marks["distribution"][value] for value in _VALUES)
    yield from (marks["count"], number(marks["mean"]))


def _shares(row: Any) -> Iterator[str]:
    """Yield quality, progress, and what they were counted by."""
    results = row["results"]
    yield from (percent(results["quality"]), percent(results["progress"]), say(_BASES[results["basis"]]))


def _works(found: list[Any]) -> Screen:
    heads = [say(one) for one in (N_("Subject"), N_("Type of work"), N_("Lessons"), N_("Marks"))]
    return Screen(heads, [list(work) for work in _all_works(found)], folding=1)


def _all_works(found: list[Any]) -> Iterator[tuple[str, str, int, int]]:
    for row in found:
        for work in row["works"]:
            yield row["subject"], work["title"], work["lessons"], work["marks"]


def _named(row: Any, lessons: Any) -> str:
    return f"{row['subject']} ({lessons['group']})" if lessons["group"] else str(row["subject"])


def _shown(value: int | None) -> str:
    return DASH if value is None else str(value)


def _leaf(found: list[Any]) -> Leaf:
    """Return one row for each subject and group; what belongs to the whole subject stands in each of its rows."""
    numbers = [
        *(say(_HEADS[name]) for name in _COUNTS),
        *(say(N_("Marks {value}"), value=value) for value in _VALUES),
        say(N_("Marks in all")), say(N_("Mean")), say(N_("Quality")), say(N_("Progress")),
    ]  # fmt: skip
    heads = [
        Head(say(N_("Subject")), 28), Head(say(N_("Group")), 12), *(Head(text, 10) for text in numbers),
        Head(say(N_("Shares by")), 16), Head(say(N_("Not attested")), 10), Head(say(N_("Missed lessons")), 10),
        Head(say(N_("Late")), 10), Head(say(N_("Types of work: lessons (marks)")), 60),
    ]  # fmt: skip
    return Leaf(say(N_("Statistics")), heads, [_cells(row, one) for row in found for one in row["lessons"]])


def _cells(row: Any, lessons: Any) -> tuple[Any, ...]:
    marks, results = row["marks"], row["results"]
    works = "; ".join(f"{work['title']}: {work['lessons']} ({work['marks']})" for work in row["works"])
    return (
        row["subject"],
        lessons["group"],
        *(lessons[name] for name in _COUNTS),
        *(marks["distribution"][value] for value in _VALUES),
        marks["count"],
        *(text and float(text) for text in (marks["mean"], results["quality"], results["progress"])),
        say(_BASES[results["basis"]]),
        results["not_attested"],
        row["absences"],
        row["late"],
        works or None,
    )


def _leaf_of_works(found: list[Any]) -> Leaf:
    heads = [Head(text, width) for text, width in zip(_works([]).heads, (28, 40, 10, 10), strict=True)]
    return Leaf(say(N_("Types of work")), heads, list(_all_works(found)))


def _page(row: Any) -> dict[str, Any]:
    return {
        "name": row["subject"],
        "lessons": [
            {"group": one["group"] or "", "counts": [_shown(one[name]) for name in _COUNTS]} for one in row["lessons"]
        ],
        "spread": [[value, row["marks"]["distribution"][value]] for value in _VALUES],
        "count": row["marks"]["count"],
        "mean": number(row["marks"]["mean"]),
        "shares": list(_shares(row)),
        "works": [f"{work['title']}: {work['lessons']} ({work['marks']})" for work in row["works"]],
        "absences": [row["absences"], row["late"]],
    }


def _labels() -> dict[str, Any]:
    return {
        "lessons": say(N_("Lessons against the curriculum")),
        "marks": say(N_("Marks and results")),
        "subject": say(N_("Subject")),
        "counts": [say(_HEADS[name]) for name in _COUNTS],
        "spread": say(N_("Distribution of marks")),
        "count": say(N_("Marks")),
        "mean": say(N_("Mean")),
        "shares": [say(N_("Quality")), say(N_("Progress")), say(N_("By"))],
        "works": say(N_("Types of work")),
        "works_key": say(N_("lessons with marks for it, and the marks in brackets")),
        "absences": [say(N_("Missed")), say(N_("Late"))],
        "key": say(
            N_("Quality: shares of fours and fives; progress: of threes and better, by final marks or forecasts.")
        ),
    }
