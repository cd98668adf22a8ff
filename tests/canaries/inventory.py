"""What each text of the contracts is: personal and planted, personal with no room for a token, an id, or neither.

Fields of `eljur/` are named by what they stand in and their own name: ElJur shows the same row at several depths.
"""

PLANTED = {
    "ed/class_teacher": "teachers.teacher",
    "ed/contact": "address",
    "ed/control_work": "topic",
    "ed/final_mark": "comment raw",
    "ed/homework": "files.link files.name text",
    "ed/lesson": "teacher",
    "ed/lesson_change": "after.teacher before.teacher",
    "ed/mark": "comment lesson_comment raw",
    "ed/problem": "detail",
    "ed/pupil": "first_name last_name middle_name",
    "ed/recommendation": "teacher text",
    "ed/teacher": "first_name last_name middle_name",
    "ed/token": "access_token",
    "eljur/auth": "token",
    "eljur/getdiary": (
        "assessments.comment assessments.value items.teacher items.topic items_extday.teacher students.title"
    ),
    "eljur/getfinalassessments": "assessments.comment assessments.value students.title",
    "eljur/gethomework": "file.filename file.link files.filename files.link homework.value students.title",
    "eljur/getmarks": "marks.comment marks.lesson_comment marks.value students.title",
    "eljur/getmessagereceivers": "users.firstname users.lastname users.middlename",
    "eljur/getperiods": "students.title",
    "eljur/getreplaces": "replace.teacher",
    "eljur/getschedule": "items.teacher items_extday.teacher students.title",
}
"""Personal, and every value of it is a token or holds one."""

IDENTIFIERS = {
    "ed/absence": "pupil",
    "ed/batch": "items.key",
    "ed/contact": "pupil",
    "ed/control_work": "pupil",
    "ed/erasure": "pupil",
    "ed/final_mark": "pupil",
    "ed/final_state": "pupil",
    "ed/forecast": "pupil",
    "ed/homework": "pupil",
    "ed/lesson": "pupil",
    "ed/mark": "pupil",
    "ed/pupil": "pupil",
    "ed/recommendation": "pupil",
    "ed/records": "next records.key",
    "eljur/getdiary": "students.name",
    "eljur/getfinalassessments": "students.name",
    "eljur/gethomework": "students.name",
    "eljur/getmarks": "students.name",
    "eljur/getmessagereceivers": "users.name",
    "eljur/getperiods": "students.name",
    "eljur/getrules": "students.name",
    "eljur/getschedule": "students.name",
}
"""The number of a pupil, of which keys are made (docs/architecture.md, "Keys and versions"); it is a token too."""

BARE = {
    "ed/absence": {"raw": "one of the few signs that mean an absence"},
    "ed/final_state": {"until": "a date"},
    "ed/forecast": {"mean": "a number of two places", "needed": "numbers"},
    "ed/lesson_statistics": {
        "marks.mean": "a number of two places",
        "results.progress": "a number of four places",
        "results.quality": "a number of four places",
    },
    "eljur/getdiary": {
        "items_extday.topic": "the sandbox's clubs have none",
        "assessments.control_type": "a word of the school",
        "assessments.control_type_short": "a word of the school",
    },
    "eljur/getmarks": {"mtype.type": "a word of the school", "mtype.short": "a word of the school"},
    "ed/mark": {"work.title": "a word of the school", "work.short": "a word of the school"},
}
"""Personal, but no unique text fits in."""

PLAIN = {
    "audit/event": "at event hash previous school",
    "ed/absence": "date lesson subject",
    "ed/batch": "batch items.fingerprint items.kind school",
    "ed/calendar_day": "class date title",
    "ed/class_teacher": "class group subject teachers.teacher_id",
    "ed/control_work": "class date group lesson subject",
    "ed/digest": "kinds.digest kinds.kind school",
    "ed/final_mark": "period subject",
    "ed/final_state": "period subject",
    "ed/forecast": "as_of period subject",
    "ed/homework": "class date group index subject",
    "ed/lesson": "class date ends_at group room starts_at subject teacher_id",
    "ed/lesson_change": (
        "after.date after.room after.subject after.teacher_id before.date before.room before.subject before.teacher_id"
        " class date group"
    ),
    "ed/lesson_statistics": "as_of class lessons.group period subject works.title",
    "ed/mark": "date lesson subject",
    "ed/period": "class end period start title weeks.end weeks.start weeks.title",
    "ed/problem": "code pointer title type",
    "ed/pupil": "class",
    "ed/receipt": "batch results.code results.pointer",
    "ed/recommendation": "class date subject",
    "ed/records": "records.fingerprint records.kind",
    "ed/school_class": "name",
    "ed/teacher": "teacher",
    "ed/token": "scope token_type",
    "eljur/auth": "expires",
    "eljur/getdiary": (
        "assessments.count assessments.date assessments.lesson_id assessments.nm assessments.weight"
        " assessments.weight_float days.alert days.holiday_name days.name days.title items.endtime items.grp"
        " items.grp_short items.is_control items.lesson_id items.name items.num items.room items.sort items.starttime"
        " items_extday.endtime items_extday.grp items_extday.grp_short items_extday.is_control items_extday.lesson_id"
        " items_extday.name items_extday.num items_extday.room items_extday.sort items_extday.starttime"
    ),
    "eljur/getfinalassessments": "assessments.period items.name",
    "eljur/gethomework": (
        "days.alert days.holiday_name days.name days.title file.toid files.toid homework.id homework.individual"
        " items.grp items.individual_exists items.name"
    ),
    "eljur/getmarks": (
        "lessons.lesson_id lessons.name marks.count marks.date marks.lesson_id marks.max_mark marks.nm marks.weight"
        " marks.weight_float mtype.id"
    ),
    "eljur/getmessagereceivers": "groups.key groups.name subgroups.name",
    "eljur/getperiods": "periods.ambigious periods.disabled periods.end periods.fullname periods.name periods.start",
    "eljur/getreplaces": (
        "replace.endtime replace.grp replace.grp_short replace.name replace.num replace.room replace.sort"
        " replace.starttime replace.teacher_id"
    ),
    "eljur/getrules": "groups.name groups.rules id name roles students.rules",
    "eljur/getschedule": (
        "days.alert days.holiday_name days.name days.title items.endtime items.grp items.grp_short items.name items.num"
        " items.room items.sort items.starttime items.teacher_id items_extday.endtime items_extday.grp"
        " items_extday.grp_short items_extday.name items_extday.num items_extday.room items_extday.sort"
        " items_extday.starttime items_extday.teacher_id"
    ),
}
"""Of no person: words of the school, days, numbers, ids of lessons and teachers."""


def named(contract, path):
    """The name of a field in these tables."""
    return ".".join(path.split(".")[-2:]) if contract.startswith("eljur/") else path


def classes_of(contract, field):
    """How often a field is classed: once, if the tables are right."""
    words = [table.get(contract, "").split() for table in (PLANTED, IDENTIFIERS, PLAIN)]
    return sum(words, list(BARE.get(contract, ()))).count(field)


def all_named():
    """Every field of the tables, with its contract."""
    for table in (PLANTED, IDENTIFIERS, PLAIN):
        yield from ((contract, field) for contract, words in table.items() for field in words.split())
    yield from ((contract, field) for contract, fields in BARE.items() for field in fields)
