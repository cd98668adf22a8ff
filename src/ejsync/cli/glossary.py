"""The words people read in tables for the values that files and JSON carry; numbers of pupils, days."""

import re
from datetime import date

import click

from ejsync.wording import N_, say, translated

_WORDS = {
    "results": N_("results"),
    "contacts": N_("contacts"),
    "granted": N_("granted"),
    "refused": N_("refused"),
    "missing": N_("not asked"),
    "not_yet_valid": N_("not yet valid"),
    "expired": N_("expired"),
    "withdrawn": N_("withdrawn"),
    "parent": N_("parent"),
    "pupil": N_("pupil"),
    "guardian": N_("guardian"),
    "period": N_("period"),
    "school_class": N_("class"),
    "teacher": N_("teacher"),
    "calendar_day": N_("school day"),
    "lesson": N_("lesson"),
    "lesson_change": N_("lesson change"),
    "control_work": N_("control work"),
    "homework": N_("homework"),
    "mark": N_("mark"),
    "absence": N_("absence"),
    "final_mark": N_("final mark"),
    "final_state": N_("state of a final mark"),
    "contact": N_("contact"),
    "class_teacher": N_("teacher of a class"),
    "recommendation": N_("recommendation"),
    "forecast": N_("forecast"),
    "lesson_statistics": N_("lesson statistics"),
    "roster": N_("roster"),
    "periods": N_("periods"),
    "timetable": N_("timetable"),
    "substitutions": N_("substitutions"),
    "diary": N_("diary"),
    "marks": N_("marks"),
    "finals": N_("final marks"),
    "derived": N_("conclusions"),
    "good": N_("good"),
    "bad-schema": N_("the schema itself is wrong"),
    "valid-example-refused": N_("a valid example is refused"),
    "invalid-example-accepted": N_("an invalid example is accepted"),
    "invalid-example-breaks-elsewhere": N_("an invalid example breaks elsewhere"),
    "unreadable": N_("it cannot be read"),
    "no-such-contract": N_("there is no such contract"),
}

ERASING = {
    "erasure.begun": N_("erasure begun: the key is destroyed"),
    "erasure.told": N_("a diary told to erase"),
    "erasure.deleted": N_("rows deleted"),
    "erasure.swept": N_("free pages and backups swept"),
    "erasure.witnessed": N_("act of destruction written"),
    "erasure.done": N_("erased"),
    "erasure.lifted": N_("let in again by a new consent"),
    "bundle.written": N_("handed out as a bundle"),
}
"""What happened to a pupil by the events of the log."""


def word(value: str) -> str:
    """Return the word for a value in the reader's language; a value without one stays as it is."""
    return translated(_WORDS.get(value, value))


def day(moment: date) -> str:
    """Write a day as Russian schools write it."""
    return moment.strftime("%d.%m.%Y")


_PUPIL = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z_-]{1,40}")


def pupil_id(text: str) -> str:
    """Return a pupil's number.

    Raises:
        click.UsageError: it is no id as contracts take it, or has no digit; it may be a name, and is not repeated.
    """
    if not _PUPIL.fullmatch(text):
        raise click.UsageError(say(N_("A pupil is named by the number that ElJur gives him: digits, no name.")))
    return text
