"""A journal with ElJur's envelopes and methods, in plain Python (fact sheet, sections 1 to 4)."""

from datetime import date

import orjson

from tests.simulation.school import COURSES, METHODS

TEACHER = {"name": "501", "lastname": "Пробный", "firstname": "Пётр", "middlename": "Петрович"}


def envelope(result, state=200, error=None):
    """An answer as ElJur wraps it."""
    return orjson.dumps({"response": {"state": state, "error": error, "result": result}})


class Journal:
    """Answers the methods that the service asks; `lie` bends what it says without changing what is true.

    Attributes:
        lie: what the next answers hide or invent: "" or one of `empty`, `shrunken`, `strangers`, `rights`.
    """

    def __init__(self, school):
        self.school, self.lie = school, ""
        self.token, self._tokens = "", 0

    def expire(self):
        """Let the token run out before its time."""
        self.token = ""

    def answer(self, method, asked):
        """Return (status, body)."""
        if method == "auth":
            self._tokens += 1
            self.token = f"token-{self._tokens}"
            return 200, envelope({"token": self.token, "expires": "2030-01-01 00:00:00"})
        if not self.token or asked.get("auth_token") != self.token:
            return 200, envelope(None, 403, "Forbidden")
        return 200, envelope(getattr(self, method)(asked))

    def getrules(self, asked):
        """The rights of the one account: all methods of everybody, unless some were taken away."""
        pupils = self.school.pupils()
        methods = dict.fromkeys(pupils, METHODS)
        if self.lie == "rights":
            methods |= dict.fromkeys(pupils[::2], ("getperiods",))
        students = {pupil: {"name": pupil, "title": "", "rules": methods[pupil]} for pupil in pupils}
        groups = {name: {"name": name, "rules": ()} for name in self.school.classes}
        relations = {"students": students, "groups": groups, "schools": []}
        return {"name": "500", "id": "500", "roles": ["administrator"], "relations": relations}

    def getmessagereceivers(self, asked):
        """Classes, pupils and the teacher."""
        classes = dict(self.school.classes)
        if self.lie == "empty":
            return {"groups": []}
        if self.lie == "shrunken":
            classes = {name: pupils[:1] for name, pupils in list(classes.items())[:1]}
        shown = [{"name": name, "users": [PERSON(pupil) for pupil in pupils]} for name, pupils in classes.items()]
        return {
            "groups": [
                {"key": "teachers", "name": "Учителя", "users": [TEACHER]},
                {"key": "students", "name": "Ученики", "subgroups": shown},
            ]
        }

    def getperiods(self, asked):
        """The periods of a class, by one of its pupils."""
        if self.lie == "empty":
            return {"students": []}
        year = self.school.year
        bounds = {"q1": (f"{year}0901", f"{year}1031"), "q2": (f"{year}1109", f"{year + 1}0531")}
        periods = [
            {
                "name": name,
                "fullname": title,
                "disabled": False,
                "ambigious": False,
                "start": bounds[name][0],
                "end": bounds[name][1],
            }
            for name, title in self.school.titles.items()
        ]
        return {"students": [{"name": pupil, "title": "", "periods": periods} for pupil in self._asked(asked)]}

    def getmarks(self, asked):
        """Every subject of each pupil with its marks of the days asked for."""
        first, _, last = asked["days"].partition("-")
        span = _day(first), _day(last or first)
        if self.lie == "empty":
            return {"students": []}
        if self.lie == "strangers":
            return {"students": {"9001": {"name": "9001", "title": "", "lessons": []}}}
        shown = {}
        for pupil in self._asked(asked):
            lessons = [self._course(pupil, lesson, span) for lesson in COURSES]
            shown[pupil] = {"name": pupil, "title": "", "lessons": lessons}
        return {"students": shown or []}

    def _course(self, pupil, lesson, span):
        cells = [] if self.lie == "shrunken" else sorted(self.school.marks[pupil].items())
        rows = [
            _mark(cell, lesson, day) for (course, day), cell in cells if course == lesson and span[0] <= day <= span[1]
        ]
        return {"name": COURSES[lesson], "lesson_id": lesson, "average": "", "marks": rows}

    def getfinalassessments(self, asked):
        """Final marks by subject; a pupil without any has his subjects listed."""
        if self.lie == "empty":
            return {"students": []}
        if self.lie == "strangers":
            return {"students": {"9001": {"name": "9001", "title": "", "items": []}}}
        shown = {}
        for pupil in self._asked(asked):
            items = []
            for subject in COURSES.values():
                rows = [
                    {"period": period, "value": raw, "comment": ""}
                    for (who, what, period), raw in sorted(self.school.finals.items())
                    if (who, what) == (pupil, subject) and self.lie != "shrunken"
                ]
                items.append({"name": subject, "assessments": rows})
            shown[pupil] = {"name": pupil, "title": "", "items": items}
        return {"students": shown or []}

    def _asked(self, asked):
        here = set(self.school.pupils())
        return [pupil for pupil in asked.get("student", "").split(",") if pupil in here]


def _day(text):
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def a_person(pupil):
    """A pupil as the roster shows him."""
    return {"name": pupil, "lastname": f"Ученик{pupil}", "firstname": "Аля", "middlename": ""}


def _mark(cell, lesson, day):
    value = "?" * 60 if cell.broken else cell.raw
    return {
        "value": value,
        "weight": cell.weight,
        "weight_float": cell.weight,
        "count": True,
        "mtype": None,
        "comment": cell.comment,
        "lesson_comment": "",
        "max_mark": None,
        "date": day.isoformat(),
        "lesson_id": lesson,
        "nm": "0",
    }


PERSON = a_person
