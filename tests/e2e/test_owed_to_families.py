"""What the regulation owes a family, row by row: for one class each is asked of the diary by its own query.

Both sandbox services run as processes of their own; what the diary must hold is read off the raw journal here, anew.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace

import orjson
import pytest

from ejsync.domain.consent import Consent, Decision, Scope
from ejsync.domain.deadlines import WITHIN
from ejsync.domain.records import FINAL_RESULTS, Feed
from ejsync.pipeline.conclude import conclude
from ejsync.pipeline.registering import register, withdraw
from ejsync.reports.class_records import Archive
from ejsync.reports.extract import booklet
from ejsync.reports.extracting import documents, witness
from ejsync.reports.paper import Press
from ejsync.sandbox.invented_office import invent_office, office_files
from ejsync.sandbox.owed import filed
from ejsync.sandbox.spelling import line
from ejsync.sandbox.stage import SCHOOL, SINK, TODAY, Stage, set_stage
from ejsync.settings.sections import School

pytestmark = pytest.mark.slow
CLASS, YOUNGEST, ELDEST = "9А", "1А", "10А"
FIRST, SECOND = "chetvert_1", "chetvert_2"
NAMED = ("put_off", "exempt", "unmarked", "praised", "examined", "reachable", "refusing", "silent")
KINDS = [
    "period",
    "calendar_day",
    "school_class",
    "teacher",
    "pupil",
    "class_teacher",
    "lesson",
    "lesson_change",
    "homework",
    "control_work",
    "mark",
    "absence",
    "final_mark",
    "final_state",
    "forecast",
    "lesson_statistics",
    "recommendation",
    "contact",
]
PAGE = "150"
"""Records that one answer of the diary holds at most: fewer than there are of most kinds."""


@dataclass(frozen=True)
class Town:
    """The stage after a term day, and who is who in the class."""

    stage: Stage
    who: SimpleNamespace
    members: frozenset
    office: dict
    subject: str
    moved: dict
    taken_back: str

    @property
    def facts(self):
        """The raw journal, dumped anew."""
        return self.stage.journal.state()

    @property
    def permitted(self):
        """The pupils of the class whose families agreed."""
        return self.members - {self.who.refusing, self.who.silent}

    def ask(self, kind, pupil=None):
        """What the diary answers to the query for a kind, page by page."""
        found, after, asked = [], "", {"pupil": pupil} if pupil else {}
        while after is not None:
            answer = self.stage.diary.get(f"/v1/schools/{SCHOOL}/records", kind=kind, limit=PAGE, after=after, **asked)
            found += [record["data"] for record in answer["records"]]
            after = answer["next"]
        return found

    def of_class(self, kind):
        """The same, of the class and its pupils only."""
        return [row for row in self.ask(kind) if row.get("pupil") in self.members or row.get("class") == CLASS]

    def told(self, table):
        """The journal's own rows of the class's permitted pupils, up to its today."""
        permitted = self.permitted
        rows = (row for row in self.facts[table] if row["pupil"] in permitted)
        return [row for row in rows if row.get("date", TODAY) <= TODAY]


@pytest.fixture(scope="module")
def town():
    """A school of four classes after a term day: consents, office, edits, all read and delivered."""
    with set_stage(pupils=90, seed=5) as stage:
        stage.read([Feed.ROSTER])
        journal = stage.journal.state()
        members = sorted(one["id"] for one in journal["pupils"] if one["class"] == CLASS)
        who = SimpleNamespace(**dict(zip(NAMED, members, strict=False)))
        decide(stage, [one["id"] for one in journal["pupils"]], who)
        subject = next(one["subject"] for one in journal["finals"] if one["pupil"] == who.unmarked)
        gone = {"op": "final_set", "pupil": who.unmarked, "subject": subject, "period": FIRST, "value": None}
        stage.edit(gone)
        assert stage.cycle().error_codes() == []
        office = rows_of_office(journal, who)
        for kind, content in office_files(office).items():
            assert filed(stage, kind, content) == []
        moved = term_day(stage, who)
        read = stage.read([feed for feed in stage.exchange.feeds() if feed is not Feed.DERIVED])
        # As a school has it that never switched contacts on.
        assert conclude(replace(stage.wiring, contacts=False)).errors == []
        assert stage.deliver(read).error_codes() == []
        yield Town(stage, who, frozenset(members), office, line(subject), moved, subject)


def decide(stage, pupils, who):
    """Register what each family decided; one refuses, one does not answer."""
    granted = [paper(stage, one) for one in pupils if one not in {who.refusing, who.silent}]
    register(stage.wiring, [*granted, paper(stage, who.refusing, Decision.REFUSED)], origin="test")


def paper(stage, pupil, decision=Decision.GRANTED, scope=Scope.RESULTS):
    """A family's decision, on a document of its own."""
    number, at = f"{pupil}-{scope.value}", stage.clock.now()
    return Consent(0, pupil, scope, decision, "parent", number, date(2026, 9, 1), None, None, at)


def rows_of_office(journal, who):
    """What the office holds: invented, and of the class what the test asks for."""
    office = invent_office(journal, seed=5, put_off={who.put_off, who.exempt})
    subject = next(line(one["subject"]) for one in journal["marks"] if one["pupil"] == who.put_off)
    common = {"school_year": 2026, "document": "Приказ № 5-у"}
    later = {"pupil": who.put_off, "subject": subject, "period": SECOND, "state": "deferred", "until": "2027-01-20"}
    never = {"pupil": who.exempt, "subject": subject, "period": "year", "state": "exempt", "until": None}
    contact = {
        "pupil": who.reachable, "whose": "mother", "way": "email", "address": "owed-9a@example.org",
        "form": "electronic", "valid_from": "2026-09-01", "valid_until": None,
    }  # fmt: skip
    others = [row for row in office["contacts"] if row["pupil"] != who.reachable]
    return {**office, "deferrals": [{**later, **common}, {**never, **common}], "contacts": [*others, contact]}


def term_day(stage, who):
    """Let teachers replace, move and cancel a lesson, plan a control work, set homework and a mark with a comment."""
    coming = [one for one in whole_lessons(stage.journal.state()) if TODAY < one["date"] <= week_ahead()]
    days = sorted({one["date"] for one in coming})
    replaced, cancelled, written, moved = (next(one for one in coming if one["date"] == day) for day in days[:4])
    teacher = next(
        str(one["id"]) for one in stage.journal.state()["teachers"] if str(one["id"]) != str(replaced["teacher_id"])
    )
    task = {"op": "homework_added", "class": CLASS, "date": written["date"], "subject": written["name"]}
    praise = next(one for one in stage.journal.state()["marks"] if one["pupil"] == who.praised)
    stage.edit(
        {"op": "lesson_replaced", **place(replaced), "teacher_id": teacher, "room": "77"},
        {"op": "lesson_cancelled", **place(cancelled)},
        {"op": "control_planned", **place(written), "topic": "Контрольная работа № 3"},
        {"op": "lesson_moved", **place(moved), "to_num": 8},
        {**task, "text": "Прочесть главу 9", "files": ["глава.pdf"]},
        {**task, "text": "Отдельное задание", "pupil": who.praised},
        {
            "op": "mark_added", "pupil": who.praised, "lesson_id": praise["lesson_id"], "date": TODAY, "value": "5",
            "comment": "Отличный доклад",
        },
    )  # fmt: skip
    return {"replaced": replaced, "cancelled": cancelled, "written": written, "moved": moved, "teacher": teacher}


def week_ahead():
    """The last day of lessons that the edits touch; it is read in every cycle."""
    return (date.fromisoformat(TODAY) + timedelta(days=7)).isoformat()


def whole_lessons(facts):
    """The lessons that the whole class has together and that are held."""
    ours = (one for one in facts["lessons"] if one["class"] == CLASS)
    return [one for one in ours if one["grp"] is None and one["name"] != "Cancel"]


def place(lesson):
    """Where a lesson stands in the journal."""
    return {name: lesson[name] for name in ("class", "date", "num")}


def test_every_mark_of_the_class_stands_in_the_diary_as_it_was_written(town):
    """Each grade of each permitted pupil is found with its raw value, weight and work; no other is."""
    wanted = Counter(
        (one["pupil"], line(one["subject"]), one["date"], one["value"].strip(), float(one["weight"]))
        for one in town.told("marks")
        if one["count"]
    )
    marks = town.of_class("mark")
    held = Counter((row["pupil"], row["subject"], row["date"], row["raw"], float(row["weight"])) for row in marks)
    assert held == wanted
    assert {row["pupil"] for row in marks} == town.permitted
    assert all(row["work"]["title"] and row["reading"]["value"] for row in marks)


def test_absences_and_lateness_are_told_without_a_reason(town):
    """Each Н is an absence and each ОП a lateness, and there is no field for why."""
    status = {"н": "absent", "оп": "late"}
    wanted = Counter(
        (one["pupil"], line(one["subject"]), one["date"], status[one["value"].strip().lower()])
        for one in town.told("marks")
        if one["value"].strip().lower() in status
    )
    rows = town.of_class("absence")
    assert Counter((row["pupil"], row["subject"], row["date"], row["status"]) for row in rows) == wanted
    assert {row["status"] for row in rows} == {"absent", "late"}
    assert {name for row in rows for name in row} == {"pupil", "subject", "lesson", "date", "column", "raw", "status"}


def test_the_timetable_of_a_week_is_the_journals(town):
    """The lessons of the class from tomorrow on are found with subject, group, teacher, room and bells."""
    monday, friday = "2026-11-23", "2026-11-27"
    held = {
        (row["date"], row["number"], row["group"], row["subject"], row["teacher"], row["room"], row["starts_at"])
        for row in town.of_class("lesson")
        if row["pupil"] is None and monday <= row["date"] <= friday
    }
    wanted = {
        (
            one["date"], int(one["num"]), line(one["grp"]), None if one["name"] == "Cancel" else line(one["name"]),
            line(one["teacher"]), line(one["room"]), one["starttime"][:5],
        )
        for one in town.facts["lessons"]
        if one["class"] == CLASS and monday <= one["date"] <= friday
    }  # fmt: skip
    assert held == wanted
    assert len({day for day, *_ in held}) == 5


def test_replaced_moved_and_cancelled_lessons_are_told_with_before_and_after(town):
    """A substitution, a move and a cancellation each name what was planned and what is now."""
    changes = {(row["change"], row["date"], row["number"]): row for row in town.of_class("lesson_change")}

    def told(how):
        return changes[how, town.moved[how]["date"], int(town.moved[how]["num"])]

    replaced, moved, cancelled = told("replaced"), told("moved"), told("cancelled")
    was = town.moved["replaced"]
    assert replaced["before"]["teacher"] == line(was["teacher"])
    assert replaced["before"]["subject"] == replaced["after"]["subject"] == line(was["name"])
    assert (replaced["after"]["teacher_id"], replaced["after"]["room"]) == (town.moved["teacher"], "77")
    assert moved["before"]["subject"] == moved["after"]["subject"] == line(town.moved["moved"]["name"])
    assert (moved["after"]["date"], moved["after"]["number"]) == (town.moved["moved"]["date"], 8)
    assert cancelled["before"]["subject"] == line(town.moved["cancelled"]["name"])
    assert cancelled["after"] is None


def test_a_control_work_ahead_reaches_every_pupil_who_writes_it(town):
    """The work that was planned is told to each permitted pupil, with its day and topic."""
    planned = town.moved["written"]
    found = [
        row for row in town.of_class("control_work")
        if (row["date"], row["number"]) == (planned["date"], int(planned["num"]))
    ]  # fmt: skip
    assert {row["pupil"] for row in found} == town.permitted
    assert {(row["subject"], row["topic"]) for row in found} == {(line(planned["name"]), "Контрольная работа № 3")}
    assert planned["date"] > TODAY


def test_families_learn_who_teaches_what(town):
    """Every subject of the class has its teachers, by name and number; a lesson's stand-in is not among them."""
    held = {(row["subject"], row["group"]): row["teachers"] for row in town.of_class("class_teacher")}
    taught = {(line(one["name"]), None) for one in whole_lessons(town.facts)}
    assert taught <= held.keys()
    was = town.moved["replaced"]
    named = held[line(was["name"]), None]
    assert {"teacher": line(was["teacher"]), "teacher_id": str(was["teacher_id"])} in named
    assert town.moved["teacher"] not in {one["teacher_id"] for one in named}


def test_holidays_and_vacations_are_in_the_calendar(town):
    """The holiday has its name, the autumn vacation all its weekdays, and the four quarters their days."""
    days = {row["date"]: row for row in town.of_class("calendar_day")}
    assert (days["2026-11-04"]["status"], days["2026-11-04"]["title"]) == ("holiday", "День народного единства")
    free = {day for day, row in days.items() if row["status"] == "vacation"}
    assert free == {"2026-10-26", "2026-10-27", "2026-10-28", "2026-10-29", "2026-10-30"}
    assert days[TODAY]["status"] == "school"
    periods = {row["period"]: row for row in town.of_class("period")}
    assert (periods[FIRST]["start"], periods[FIRST]["end"]) == ("2026-09-01", "2026-10-25")
    assert [row["title"] for name, row in periods.items() if name.startswith("chet")] == [
        f"{number} четверть" for number in (1, 2, 3, 4)
    ]


def test_homework_of_the_class_and_of_one_pupil_is_told_with_its_files(town):
    """The class's task has its text and the link to its file; the task of one pupil is told under him only."""
    day = town.moved["written"]["date"]
    tasks = {row["text"]: row for row in town.of_class("homework") if row["date"] == day}
    assert tasks["Прочесть главу 9"]["pupil"] is None
    assert [file["name"] for file in tasks["Прочесть главу 9"]["files"]] == ["глава.pdf"]
    assert tasks["Прочесть главу 9"]["files"][0]["link"].startswith("https://")
    assert tasks["Отдельное задание"]["pupil"] == town.who.praised
    assert [row["text"] for row in town.ask("homework", pupil=town.who.praised) if row["date"] == day] == [
        "Отдельное задание"
    ]


def test_recommendations_come_from_marks_and_from_the_office(town):
    """A comment on a mark is its pupil's, what the office wrote is the class's or a pupil's, word for word."""
    rows = town.of_class("recommendation")
    praised = [row for row in rows if row["source"] == "mark" and row["text"] == "Отличный доклад"]
    assert [row["pupil"] for row in praised] == [town.who.praised]
    ours = [
        row for row in town.office["recommendations"]
        if row["class"] == CLASS or row["pupil"] in town.permitted
    ]  # fmt: skip
    held = [(row["pupil"], row["class"], row["text"]) for row in rows if row["source"] == "office"]
    assert sorted(held, key=str) == sorted(((row["pupil"], row["class"], row["text"]) for row in ours), key=str)
    assert (None, CLASS) in {(pupil, of_class) for pupil, of_class, _ in held}


def test_level_and_scale_follow_from_the_class_at_all_three_levels(town):
    """A first-former without marks is a case of its own: no mark, nothing missing, a forecast that says so."""
    levels = {row["name"]: row["level"] for row in town.ask("school_class")}
    assert {name: levels[name] for name in (YOUNGEST, CLASS, ELDEST)} == {
        YOUNGEST: "primary", CLASS: "basic", ELDEST: "secondary",
    }  # fmt: skip
    home = {row["pupil"]: row["class"] for row in town.ask("pupil")}
    seen = defaultdict(set)
    for row in town.ask("forecast"):
        seen[home[row["pupil"]]].add((row["level"], row["scale"], row["state"]))
    assert seen[YOUNGEST] == {("primary", "none", "unmarked")}
    assert {("basic", "five", "expected"), ("basic", "five", "assigned")} <= seen[CLASS]
    assert ("secondary", "five", "expected") in seen[ELDEST]
    youngest = {pupil for pupil, name in home.items() if name == YOUNGEST}
    for kind in ("mark", "final_mark"):
        found = {row["pupil"] for row in town.ask(kind)}
        assert found
        assert found.isdisjoint(youngest)
    assert not [row for row in town.ask("final_state") if row["pupil"] in youngest and row["state"] == "missing"]
    assert town.stage.quarantined() == 0


def test_every_forecast_of_the_quarter_is_the_weighted_mean_of_its_marks(town):
    """For each pupil and subject the mean is worked out again here; expected lies in its range."""
    begins = next(row["start"] for row in town.of_class("period") if row["period"] == SECOND)
    totals, weights = defaultdict(Fraction), defaultdict(Fraction)
    for one in town.told("marks"):
        if one["count"] and one["weight"] and one["date"] >= begins:
            for value in one["value"].strip().split("/"):
                place = (one["pupil"], line(one["subject"]))
                totals[place] += int(value[0]) * one["weight"]
                weights[place] += one["weight"]
    forecasts = [row for row in town.of_class("forecast") if row["period"] == SECOND]
    means = {(row["pupil"], row["subject"]): row["mean"] for row in forecasts if row["mean"]}
    assert means.keys() == totals.keys()
    assert all(
        abs(Fraction(mean) - totals[place] / weights[place]) <= Fraction(1, 200) for place, mean in means.items()
    )
    expected = [row for row in forecasts if row["state"] == "expected"]
    assert all(2 <= row["lowest"] <= row["expected"] <= row["highest"] <= 5 for row in expected)
    assert {row["method"] for row in forecasts} == {"weighted-mean/1"}
    assert any(target["fives"] for row in expected for target in row["needed"])


def test_final_marks_are_assigned_deferred_exempt_or_missing(town):
    """Each final mark of the quarter is there as written; where there is none, the diary says why."""
    wanted = {
        (one["pupil"], line(one["subject"])): one["value"] for one in town.told("finals") if one["period"] == FIRST
    }
    finals = {
        (row["pupil"], row["subject"]): row["raw"] for row in town.of_class("final_mark") if row["period"] == FIRST
    }
    assert finals == wanted
    states = {(row["pupil"], row["subject"], row["period"]): row for row in town.of_class("final_state")}
    assert states[town.who.unmarked, town.subject, FIRST]["state"] == "missing"
    assert (town.who.unmarked, town.subject) not in finals
    later, never = town.office["deferrals"]
    put_off = states[town.who.put_off, later["subject"], SECOND]
    assert (put_off["state"], put_off["until"]) == ("deferred", "2027-01-20")
    assert states[town.who.exempt, never["subject"], SECOND]["state"] == "exempt"
    assert states[town.who.exempt, never["subject"], "year"]["state"] == "exempt"
    missing = {place[:2] for place, row in states.items() if row["state"] == "missing"}
    assert missing.isdisjoint(finals)
    assert {place[2] for place, row in states.items() if row["state"] == "missing"} == {FIRST}


def test_statistics_of_lessons_agree_with_journal_and_curriculum(town):
    """For each subject of the quarter: planned hours are the office's, held lessons, marks and shares the journal's."""
    rows = {row["subject"]: row for row in town.of_class("lesson_statistics") if row["period"] == FIRST}
    planned = {
        one["subject"]: one["hours"] for one in town.office["curriculum"]
        if (one["class"], one["period"]) == (CLASS, FIRST)
    }  # fmt: skip
    lessons = Counter(line(one["name"]) for one in whole_lessons(town.facts) if one["date"] <= "2026-10-25")
    # Figures of a class are all its pupils': those of families without consent are counted, and nobody is named.
    finals = defaultdict(list)
    for one in town.facts["finals"]:
        if one["pupil"] in town.members and one["period"] == FIRST:
            finals[line(one["subject"])].append(int(one["value"]) if one["value"].isdigit() else 0)
    assert rows.keys() == planned.keys()
    for subject, row in rows.items():
        (account, *others) = row["lessons"]
        assert account["held"] + account["cancelled"] + account["to_come"] == account["in_timetable"]
        assert account["to_come"] == 0
        if account["group"] is None and not others:
            assert (account["planned_hours"], account["held"]) == (planned[subject], lessons[subject])
        results = row["results"]
        assert results["basis"] == ("mixed" if subject == town.subject else "finals")
        if results["basis"] == "finals":
            good = Fraction(sum(value >= 4 for value in finals[subject]), len(finals[subject]))
            assert results["pupils"] == len(finals[subject])
            assert abs(Fraction(results["quality"]) - good) <= Fraction(1, 20000)
        assert row["marks"]["count"] == sum(row["marks"]["distribution"].values()) > 0
    assert sum(account["control_works"] for row in rows.values() for account in row["lessons"]) > 0


def test_contacts_stay_home_until_they_are_switched_on_and_agreed_to_and_are_called_back(town):
    """Off by default; with a consent of its own one family's contact leaves, in no other payload, and is retracted."""
    stage, pupil, wiring = town.stage, town.who.reachable, town.stage.wiring
    assert School.model_fields["contacts"].default is False
    register(wiring, [paper(stage, pupil, scope=Scope.CONTACTS)], origin="test")
    stage.deliver()
    assert town.ask("contact") == []
    known = next(one for one in town.told("marks") if one["pupil"] == pupil)
    stage.edit({"op": "mark_added", "pupil": pupil, "lesson_id": known["lesson_id"], "date": TODAY, "value": "4"})
    stage.read([Feed.MARKS])  # a class is concluded again once anything of it changed
    assert conclude(wiring).errors == []
    stage.deliver()
    (held,) = town.ask("contact")
    assert (held["pupil"], held["whose"], held["address"]) == (pupil, "mother", "owed-9a@example.org")
    assert town.ask("contact", pupil=pupil) == [held]
    others = [row for kind in KINDS if kind != "contact" for row in town.ask(kind)]
    addresses = [row["address"] for row in town.office["contacts"]]
    assert not [one for one in addresses if one.encode() in orjson.dumps(others)]
    results = len(town.ask("mark", pupil=pupil))
    withdraw(wiring, pupil, Scope.CONTACTS)
    stage.deliver()
    assert town.ask("contact") == []
    assert len(town.ask("mark", pupil=pupil)) == results > 0


def test_year_and_examination_results_have_24_hours_and_arrive(town):
    """Each is owed from the moment it was seen, the clock says until when, and nothing is owed once it is there."""
    stage, pupil = town.stage, town.who.examined
    given = {"op": "final_set", "pupil": pupil, "subject": town.taken_back}
    stage.edit({**given, "period": "year", "value": "4"}, {**given, "period": "exam", "value": "5"})
    before = stage.clock.now()
    stage.read([Feed.FINALS])
    with stage.exchange.store.read(SCHOOL) as tx:
        owed = tx.owed.standing(stage.clock.now())[SINK]
    assert owed.waiting == 2
    assert before <= owed.since <= stage.clock.now()
    assert owed.due_at == owed.since + WITHIN == owed.since + timedelta(hours=24)
    assert {"final_mark", "final_state"} == {kind.value for kind in FINAL_RESULTS}
    stage.deliver()
    with stage.exchange.store.read(SCHOOL) as tx:
        assert tx.owed.standing(stage.clock.now()) == {}
    finals = {
        row["period"]: row["raw"] for row in town.ask("final_mark", pupil=pupil) if row["subject"] == town.subject
    }
    assert (finals["year"], finals["exam"]) == ("4", "5")


def test_of_a_pupil_whose_family_refused_nothing_is_at_the_diary_and_he_gets_paper(town):
    """By query and in every page of every kind there is nothing of him; his extract has his marks, and is witnessed."""
    stage, pupil = town.stage, town.who.refusing
    fact = next(one for one in town.facts["pupils"] if one["id"] == pupil)
    everything = orjson.dumps([row for kind in KINDS for row in town.ask(kind)])
    assert not [kind for kind in KINDS if town.ask(kind, pupil=pupil)]
    assert f'"{pupil}"'.encode() not in everything
    assert f'"{town.who.praised}"'.encode() in everything
    with stage.exchange.store.read(SCHOOL) as tx:
        (refusal,) = tx.consents.of([pupil])[pupil]
    assert (refusal.decision, refusal.document) == (Decision.REFUSED, f"{pupil}-results")

    records = Archive(stage.wiring, "Демо").read(CLASS, SECOND).needs()
    people = [one for one in records.people if one.pupil == pupil]
    told = booklet(records, people)["pupils"][0]
    assert fact["lastname"] in told["name"]
    graded = Counter(
        line(one["subject"]) for one in town.facts["marks"]
        if one["pupil"] == pupil and one["count"] and one["date"] >= "2026-11-02"
    )  # fmt: skip
    assert Counter({row["name"]: len(row["marks"]) for row in told["subjects"] if row["marks"]}) == graded
    (document,) = documents(Press("extract"), records, people, together=True)
    assert document.printed.content.startswith(b"%PDF")
    witness(stage.wiring, document)
    with stage.exchange.store.read(SCHOOL) as tx:
        event = tx.audit.tail(1)[0]
    assert event.event == "extract.written"
    assert event.details["pupils"] == [stage.wiring.keyring.pseudonym(pupil)]
    stage.deliver()
    assert not [kind for kind in KINDS if town.ask(kind, pupil=pupil)]
