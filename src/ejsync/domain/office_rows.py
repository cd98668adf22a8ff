"""What one row of an office's sheet says: whom it is about, and its fields, checked against the journal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ejsync.domain import cell_values as cells
from ejsync.domain.columns import ABSENT, Row, worded
from ejsync.domain.grid import EPOCH
from ejsync.domain.office import Contact, Curriculum, Deferral, Recommendation
from ejsync.domain.office_matches import matching_class, matching_period, matching_person, matching_subject
from ejsync.domain.office_people import School
from ejsync.wording import N_

WHOSE = {
    "мать": "mother", "отец": "father", "опекун": "guardian", "сам ученик": "pupil",
    "мама": "mother", "папа": "father", "попечитель": "guardian", "законный представитель": "guardian",
    "сам": "pupil", "сама": "pupil", "ученик": "pupil",
    "mother": "mother", "father": "father", "guardian": "guardian", "pupil": "pupil",
}  # fmt: skip
WAYS = {
    "электронная почта": "email", "СМС": "sms", "письмо": "post",
    "e-mail": "email", "email": "email", "эл. почта": "email", "sms": "sms", "телефон": "sms",
    "почтовый адрес": "post", "post": "post",
}  # fmt: skip
FORMS = {
    "электронная": "electronic", "бумажная": "paper", "в электронной форме": "electronic", "электронно": "electronic",
    "на бумаге": "paper", "в бумажной форме": "paper", "electronic": "electronic", "paper": "paper",
}  # fmt: skip
STATES = {
    "отсрочка": "deferred", "освобождение": "exempt", "отсрочен": "deferred", "отложено": "deferred",
    "освобождён": "exempt", "освобождена": "exempt", "отсрочена": "deferred", "deferred": "deferred",
    "exempt": "exempt",
}  # fmt: skip

BACKWARDS = N_("it ends before it begins")
UNFITTING = N_("this does not go with the way of sending")
SUPERFLUOUS = N_("only what is deferred has such a day")

_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}\.[^@\s<>,;.]{2,63}")
_NOT_OF_A_PHONE = re.compile(r"[\s()\-–—.]")
_PHONE = re.compile(r"\+?(\d{10,15})")
_RUSSIAN_DIGITS = 11
_SHORTEST_ADDRESS, _LONGEST_NAME, _LONGEST_ADDRESS, _LONGEST_TEXT = 10, 200, 400, 4000
_MOST_HOURS = 2_000

_DAY = N_("a date: 01.09.2026 or 2026-09-01")
_A_NUMBER = N_("a whole number up to {most}")
_A_DOCUMENT = N_("number or file name of the document, up to 200 characters")


@dataclass(slots=True)
class Told:
    """What a row was found to say; to be used only if the row has no fault."""

    epoch: date = EPOCH
    key: str = ""
    pupil: str | None = None
    school_class: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


def contact(row: Row, school: School, told: Told) -> None:
    """Read a contact: whose it is, how it is reached, in which form the family wants what it is owed."""
    whom = matching_person(row, school)
    whose = row.take("whose", worded(WHOSE), N_("мать, отец, опекун or сам ученик"))
    way = row.take("way", worded(WAYS), N_("электронная почта, СМС or письмо"))
    address = row.take(
        "address", cells.line(_LONGEST_ADDRESS), N_("an e-mail address, a telephone number or an address")
    )
    form = row.take("form", worded(FORMS), N_("электронная or бумажная"))
    first = row.take("valid_from", cells.day(told.epoch), _DAY)
    last = row.take("valid_until", cells.day(told.epoch), _DAY)
    if first and last and last < first:
        row.fault("valid_until", BACKWARDS, N_("a day not before the first"))
    reached = _reached(row, way, address)
    if form and way and (form == "paper") is not (way == "post"):
        row.fault("form", UNFITTING, N_("бумажная for a letter, электронная for everything else"))
    if row.faults or whom is None or first is None:
        return
    told.pupil, told.key = whom.pupil, f"{whom.pupil}/{whose}/{way}"
    until = last.isoformat() if last else None
    told.payload = Contact(
        pupil=whom.pupil, whose=whose, way=way, address=reached, form=form,
        valid_from=first.isoformat(), valid_until=until,
    )  # fmt: skip


def _reached(row: Row, way: str | None, address: str | None) -> str:
    """Check an address against its way, and write telephone numbers as +7 and ten digits."""
    if address is None or way is None:
        return ""
    if way == "email":
        if not _EMAIL.fullmatch(address):
            row.fault("address", UNFITTING, N_("one e-mail address: name@host"))
    elif way == "sms":
        match = _PHONE.fullmatch(_NOT_OF_A_PHONE.sub("", address))
        if match is None:
            row.fault("address", UNFITTING, N_("one telephone number: +7 and ten digits"))
        return _number(match[1]) if match else ""
    elif len(address) < _SHORTEST_ADDRESS:
        row.fault("address", UNFITTING, N_("a whole address: town, street, house"))
    return address


def _number(digits: str) -> str:
    if len(digits) == _RUSSIAN_DIGITS - 1:
        return f"+7{digits}"
    return f"+7{digits[1:]}" if len(digits) == _RUSSIAN_DIGITS and digits[0] in "78" else f"+{digits}"


def curriculum(row: Row, school: School, told: Told) -> None:
    """Read how many lessons are planned for a class, a subject and a period."""
    name = matching_class(row, school)
    subject = matching_subject(row, school, name)
    group = row.take("group", cells.line(_LONGEST_NAME), N_("a group of the class as the journal spells it"))
    year, period = matching_period(row, school, name)
    hours = _hours(row, "hours")
    control_works = _hours(row, "control_works")
    if control_works is not None and hours is not None and control_works > hours:
        row.fault("control_works", N_("more control works than lessons"), N_("not more than there are hours"))
    if row.faults or name is None or subject is None or hours is None:
        return
    told.school_class, told.key = name, f"{name}/{year}/{subject}/{group or '-'}/{period}"
    told.payload = Curriculum(
        {"class": name, "school_year": year, "subject": subject, "group": group, "period": period, "hours": hours,
         "control_works": control_works}
    )  # fmt: skip


def _hours(row: Row, name: str) -> int | None:
    found: int | None = row.take(name, cells.whole, _A_NUMBER, most=_MOST_HOURS)
    if found is not None and found > _MOST_HOURS:
        row.fault(name, N_("this is more than a year has lessons"), _A_NUMBER, most=_MOST_HOURS)
    return found


def deferral(row: Row, school: School, told: Told) -> None:
    """Read that a pupil's results are put off, or that he is exempt; nobody asks why."""
    whom = matching_person(row, school)
    name = whom.school_class if whom else None
    subject = matching_subject(row, school, name)
    year, period = matching_period(row, school, name)
    state = row.take("state", worded(STATES), N_("отсрочка or освобождение"))
    until = row.take("until", cells.day(told.epoch), _DAY)
    document = row.take("document", cells.line(_LONGEST_NAME), _A_DOCUMENT)
    if state == "deferred" and until is None and row.cells.get("until") is None:
        row.fault("until", ABSENT, _DAY)
    if state == "exempt" and until is not None:
        row.fault("until", SUPERFLUOUS, N_("an empty cell"))
    if row.faults or whom is None or document is None:
        return
    told.pupil, told.key = whom.pupil, f"{whom.pupil}/{year}/{subject or '-'}/{period}"
    told.payload = Deferral(
        pupil=whom.pupil, school_year=year, subject=subject, period=period, state=state,
        until=until.isoformat() if until else None, document=document,
    )  # fmt: skip


def recommendation(row: Row, school: School, told: Told) -> None:
    """Read what a teacher recommends to a pupil, or, where no pupil is named, to a class."""
    alone = row.cells.get("pupil") is not None or row.cells.get("name") is not None
    whom = matching_person(row, school) if alone else None
    name = (whom.school_class if whom else None) if alone else matching_class(row, school)
    subject = matching_subject(row, school, name)
    on = row.take("date", cells.day(told.epoch), _DAY)
    teacher = row.take("teacher", cells.line(_LONGEST_NAME), N_("the teacher's name"))
    text = row.take("text", cells.lines(_LONGEST_TEXT), N_("a text of up to 4000 characters"))
    if row.faults or name is None or on is None or teacher is None or text is None:
        return
    told.pupil, told.school_class = (whom.pupil, None) if whom else (None, name)
    told.key = f"{told.pupil or f'class:{name}'}/{on.isoformat()}/{subject or '-'}/{school.stand_in(teacher)}"
    told.payload = Recommendation(
        {"pupil": told.pupil, "class": told.school_class, "subject": subject, "date": on.isoformat(),
         "teacher": teacher, "text": text}
    )  # fmt: skip
