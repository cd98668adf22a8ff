"""Invented classes in the middle of a school year, with all that follows from their journals, for paper."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ejsync.domain.changes import Fingerprinted, upsert
from ejsync.domain.conclusions import GROUNDS, ClassBook, Office, conclusions
from ejsync.domain.fingerprints import canonical
from ejsync.domain.records import SCHOOL, Kind, Record, owner_class, owner_pupil
from ejsync.reports.class_records import Archive
from ejsync.reports.statistics_report import statistics_report
from tests.doubles import class_journal
from tests.doubles.world import World

TODAY = date(2026, 11, 16)
PEOPLE = (
    ("2001", "Ёжикова", "Алёна", "Семёновна"), ("2002", "Образцов", "Пётр", "Ильич"),
    ("2003", "Примерная", "Вера", None), ("2004", "Выдумкина-Долгофамильная", "Константина", "Святославовна"),
)  # fmt: skip
SUBJECTS = {
    "Алгебра": "Пробная М. И.", "Английский язык": "Первый П. П.", "Биология": "Второй В. В.", "География": None,
    "Информатика": "Третья Т. Т.", "История": "Четвёртый Ч. Ч.", "Литература": "Пятая П. П.",
    "Русский язык": "Пятая П. П.", "Физика": "Шестой Ш. Ш.", "Физическая культура": "Седьмой С. С.",
}  # fmt: skip
WORKS = ({"title": "Контрольная работа", "short": "КР"}, {"title": "Ответ на уроке", "short": "ОУ"})
TERMS = (
    ("p1", "1 полугодие", "2026-09-01", "2026-12-27"), ("p2", "2 полугодие", "2027-01-11", "2027-05-26"),
    ("year", "Год", "2026-09-01", "2027-05-26"),
)  # fmt: skip
QUARTERS = (
    ("q1", "1 четверть", "2026-09-01", "2026-10-25"), ("q2", "2 четверть", "2026-11-02", "2026-12-27"),
    ("year", "Год", "2026-09-01", "2027-05-26"),
)  # fmt: skip


def class_records(name="10А", *, people=PEOPLE, subjects=SUBJECTS, terms=TERMS, seed=1, more=()):
    """Every record of a class: what its journal tells (`more` beside what is invented), and what follows from it."""
    told = [*_roster(name, people), *_periods(name, terms), *_lessons(name, subjects), *more]
    told += [record for who, *_ in people for record in _results(name, who, subjects, Random(f"{seed}{who}"))]
    unique = {(record.kind, record.key): record for record in told}
    facts = {kind: {r.key: r.data for r in unique.values() if r.kind is kind} for kind in GROUNDS}
    school_class = unique[Kind.SCHOOL_CLASS, name].data
    office = Office(curriculum={"1": {**class_journal.planned(48, works=4, period=terms[0][0]), "class": name}})
    book = ClassBook(school_class, tuple(who for who, *_ in people), TODAY, facts, office)
    return [*unique.values(), *conclusions(book)]


def keep(world, records):
    """Put records into the store of a world, as a cycle would leave them."""
    fingerprint = world.wiring.keyring.fingerprint
    changes = []
    for record in records:
        payload = canonical(record.data)
        changes.append(upsert(Fingerprinted(record, payload, fingerprint(payload)), 1))
    with world.tx() as tx:
        tx.records.save(changes, world.clock.now())
    return world


def advice(text="Повторить квадратные уравнения, §§ 5–7.", *, of="10А", who=None, subject=None):
    """A recommendation of the office to a class or a pupil."""
    data = {
        "source": "office", "pupil": who, "class": None if who else of, "subject": subject, "date": "2026-11-12",
        "teacher": "Пробная М. И.", "text": text,
    }  # fmt: skip
    owner = owner_pupil(who) if who else owner_class(of)
    return Record(Kind.RECOMMENDATION, f"office/{who or of}/{len(text)}", owner, who, TODAY, data)


def commented(text, *, who="2001", subject="Алгебра"):
    """A mark with a comment."""
    return _mark(who, subject, "5", "2026-11-13", 9, comment=text)


def state(who="2001", found="deferred", *, subject="Физика", period="p1", until="2026-12-30"):
    """Why there is no final mark."""
    data = {"pupil": who, "school_year": 2026, "subject": subject, "period": period, "state": found, "until": until}
    return Record(Kind.FINAL_STATE, f"{who}/2026/{subject}/{period}", owner_pupil(who), who, date(2026, 9, 1), data)


def final(who="2001", raw="5", *, subject="История", period="p1"):
    """A final mark."""
    data = class_journal.final(raw, who=who, subject=subject, period=period)
    return Record(Kind.FINAL_MARK, f"{who}/2026/{subject}/{period}", owner_pupil(who), who, date(2026, 9, 1), data)


def _roster(name, people):
    parallel = int("".join(filter(str.isdigit, name)))
    level = "primary" if parallel < 5 else "basic" if parallel < 10 else "secondary"
    yield Record(Kind.SCHOOL_CLASS, name, SCHOOL, None, None, {"name": name, "parallel": parallel, "level": level})
    for who, last, first, middle in people:
        data = {"pupil": who, "class": name, "last_name": last, "first_name": first, "middle_name": middle}
        yield Record(Kind.PUPIL, who, SCHOOL, who, None, data)


def _periods(name, terms):
    for period, title, start, end in terms:
        data = {**class_journal.QUARTER, "class": name, "period": period, "title": title, "start": start, "end": end}
        yield Record(Kind.PERIOD, f"{name}/2026/{period}", owner_class(name), None, date(2026, 9, 1), data)


def _lessons(name, subjects):
    """Two lessons of each subject a week until the new year; homework, a moved, a replaced and a cancelled one."""
    monday, lost = date(2026, 9, 7), []
    for week in range(16):
        for place, (subject, teacher) in enumerate(subjects.items()):
            for turn in (0, 1):
                day = monday + timedelta(weeks=week, days=(place + 3 * turn) % 5)
                row = class_journal.lesson(day.isoformat(), place % 6 + 1, subject=subject, teacher=teacher)
                row["class"] = name
                key = f"{name}/{day}/{place % 6 + 1}/{turn}"
                yield Record(Kind.LESSON, key, owner_class(name), None, day, row)
                if TODAY < day < TODAY + timedelta(days=8):
                    lost.append(row)
                    yield _homework(row, place)
    for row, how in zip(lost, ("replaced", "moved", "cancelled"), strict=False):
        yield _change(row, how)


def _homework(row, number):
    text = f"§ {number + 12}, № {number * 7 + 101} (а, б); повторить правило, выучить определения."
    place = {name: row[name] for name in ("class", "pupil", "date", "subject", "group")}
    files = [{"name": "задание.pdf", "link": "https://files.example.org/1"}] if number == 2 else []
    key = f"{row['class']}/{row['date']}/{row['subject']}/-/1"
    data = {**place, "index": "1", "text": text, "files": files}
    return Record(Kind.HOMEWORK, key, owner_class(row["class"]), None, date.fromisoformat(row["date"]), data)


def _change(row, how):
    before = class_journal.held(row)
    after = {
        "replaced": {**before, "teacher": "Запасной З. З.", "room": "17"},
        "moved": {**before, "date": "2026-11-27", "number": 7},
        "cancelled": None,
    }[how]
    data = class_journal.change(how, before, after, at=row)
    key = f"{row['class']}/{row['date']}/{row['number']}/-"
    return Record(Kind.LESSON_CHANGE, key, owner_class(row["class"]), None, date.fromisoformat(row["date"]), data)


def _results(name, who, subjects, chance):
    skill = chance.uniform(3, 5)
    for place, subject in enumerate(subjects):
        for number in range(chance.randint(4, 9)):
            day = date(2026, 9, 7) + timedelta(days=number * 7 + place % 5)
            if day < TODAY:
                value = min(5, max(2, round(chance.gauss(skill, 0.7))))
                weight = chance.choice((1, 1, 1, 2))
                yield _mark(who, subject, str(value), day.isoformat(), number, weight=weight, work=WORKS[weight != 2])
        if place % 3 == 0:
            yield _absence(who, subject, chance.choice(("absent", "absent", "late")))
        if place % 4 == 1:
            data = class_journal.control_work(f"2026-11-{20 + place % 10}", 2, who=who, subject=subject)
            data |= {"class": name, "topic": "Контрольная работа № 2"}
            yield Record(Kind.CONTROL_WORK, f"{who}/{data['date']}/2/77", owner_pupil(who), who, TODAY, data)


def _mark(who, subject, raw, day, column, **more):
    data = class_journal.mark(raw, who=who, subject=subject, day=day, **{"weight": 1, "column": column, **more})
    return Record(Kind.MARK, f"{who}/{subject}/{day}/{column}", owner_pupil(who), who, date.fromisoformat(day), data)


def _absence(who, subject, status):
    data = class_journal.absence(status, who=who, subject=subject, day="2026-10-20")
    return Record(Kind.ABSENCE, f"{who}/{subject}/2026-10-20/0", owner_pupil(who), who, date(2026, 10, 20), data)


def read(world, name="10А", period=None, *, title="Школа № 7"):
    """What reports are handed of a class of this world."""
    return Archive(world.wiring, title).read(name, period)


def records_of(*, name="10А", period=None, extra=(), **known):
    """What reports are handed of a class that no store holds: the same, made by a store that is forgotten at once."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            return read(keep(world, [*class_records(name, **known), *extra]), name, period)
        finally:
            world.close()


def statistics_page():
    """The data of a page of statistics."""
    return statistics_report(records_of()).page
