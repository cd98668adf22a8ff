"""The words that stand printed on an extract, in the reader's language."""

from ejsync.wording import N_, say

_LABELS = {
    "title": N_("Extract from the class journal"),
    "issued": N_("Issued on"),
    "class": N_("Class"),
    "period": N_("Period"),
    "number": N_("No. in the journal"),
    "marks": N_("Marks"),
    "subject": N_("Subject"),
    "mean": N_("Mean"),
    "course": N_("Course of the mean"),
    "absent": N_("Missed"),
    "late": N_("Late"),
    "final": N_("Final"),
    "attendance": N_("Attendance"),
    "concluding": N_("Results of the year and of examinations"),
    "outlook": N_("What to expect"),
    "expected": N_("Expected"),
    "reach": N_("Possible"),
    "meaning": N_("What it means"),
    "control_works": N_("Control works ahead"),
    "changes": N_("Changes of lessons ahead"),
    "homework": N_("Homework ahead"),
    "advice": N_("Recommendations"),
    "nothing": N_("nothing is known as of this day"),
    "no_subjects": N_("No results have been entered for this period."),
    "key": N_("Below each mark is its date; ×2 is its weight; marks in brackets do not count towards the mean."),
    "course_key": N_(
        "The line shows the mean from the beginning to the end of the period; the thin rules are 2, 3, 4 and 5."
    ),
    "forecast_note": N_(
        "Worked out from the marks so far (a weighted mean, rounded half up); the teacher decides. “Possible” is what"
        " the rest of the period may bring if marks are given as often as before."
    ),
    "class_teacher": N_("Class teacher"),
    "parent": N_("Parent or guardian"),
    "signature": N_("signature"),
    "name": N_("name in full"),
    "date": N_("date"),
    "paper_note": N_("Printed for the family. It contains personal data: hand it over in person."),
}


def labels() -> dict[str, str]:
    """Return the printed words by their place in the template."""
    return {name: say(words) for name, words in _LABELS.items()}
