"""A small school of tokens: the sandbox's own, with one in every personal field and every secret.

`book` makes the same school in every process; `serve_journal` and `serve_diary` are what its processes run.
"""

import functools
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from ejsync.sandbox import diary, invented, rollbook
from ejsync.sandbox.accounts import invent_accounts
from ejsync.sandbox.dialect import JOURNAL_FAULTS, Dialect
from ejsync.sandbox.diary_auth import Credentials
from ejsync.sandbox.edits import edit
from ejsync.sandbox.faults import FaultBook
from ejsync.sandbox.invented_office import invent_office
from ejsync.sandbox.journal import announcement
from ejsync.sandbox.journal_control import control_routes
from ejsync.sandbox.processes import HOST
from ejsync.sandbox.quirks import Quirks
from ejsync.sandbox.serving import serve
from ejsync.sandbox.sessions import Sessions
from tests.canaries.tokens import Alphabet, Mint

CLASSES, PUPILS, SEED = ("5Б", "10А"), 8, 5
TODAY = date(2026, 9, 14)
"""Two weeks of school: every mark and every piece of homework of the year is in them."""
SIGN_INS = 200
UNREADABLE = "z" * 60
"""What makes a mark too long for its contract, behind the token."""
NAMES = ("lastname", "firstname", "middlename")


def book(mint, *, pupils=PUPILS, seed=SEED, today=TODAY, classes=CLASSES):
    """The journal with its tokens; without `classes` as many as the sandbox makes of so many pupils."""
    named = patch.object(invented, "class_names", lambda _: list(classes))
    also = patch.object(rollbook, "class_names", lambda _: list(classes))
    people = patch.object(rollbook, "invent_pupils", functools.partial(_pupils, mint))
    staff = patch.object(rollbook, "invent_teachers", functools.partial(_teachers, mint))
    with people, staff:
        if not classes:
            made = rollbook.invent_rollbook(pupils=pupils, seed=seed, today=today)
        else:
            with named, also:
                made = rollbook.invent_rollbook(pupils=pupils, seed=seed, today=today)
    _write_lessons(mint, made)
    _write_homework(mint, made)
    _write_marks(mint, made)
    return made


def _pupils(mint, rng, *, count):
    pupils = invented.invent_pupils(rng, count=count)
    for number, pupil in enumerate(pupils):
        pupil.id = mint.identifier("pupil", number, "id")
        _name(mint, pupil, "pupil", number)
    return pupils


def _teachers(mint, rng, *, count):
    teachers = invented.invent_teachers(rng, count=count)
    for number, teacher in enumerate(teachers):
        _name(mint, teacher, "teacher", number)
    return teachers


def _name(mint, person, who, number):
    for name in NAMES:
        setattr(person, name, mint.personal(who, number, name))


def _write_lessons(mint, made):
    """Control works, a replaced lesson and one that is cancelled, for each class, around today."""
    for form, table in made.timetable.items():
        ahead = [day for day in table if made.term.today < day <= made.term.today + timedelta(days=5)]
        for number, day in enumerate(ahead[:2]):
            table[day][0].control = mint.personal("control", form, number)
            table[day][1].replaced = True


def _write_homework(mint, made):
    for form, days in made.homework.items():
        tasks = [task for of_day in days.values() for task in of_day]
        for number, task in enumerate(tasks):
            label = "homework", form, number
            task.text = f"{mint.personal(*label)}, упр. {mint.personal(*label, alphabet=Alphabet.LATIN)}"
            if task.files or number % 7 == 0:
                task.files = (f"{mint.personal(*label, 'file', alphabet=Alphabet.LATIN)}.pdf",)
        given = next(task for task in reversed(tasks) if not task.grp)
        given.pupil = made.members(form)[0].id


def _write_marks(mint, made):
    """A comment on every mark and result; a mark of each pupil, and a result where none is due yet, are tokens."""
    columns, concluded = {}, any(made.finals.values())
    for number, pupil in enumerate(made.pupils.values()):
        cells = [mark for course in made.marks[pupil.id].values() for mark in course]
        for at, mark in enumerate(cells):
            mark.comment = mint.personal("pupil", number, "mark", at, "comment")
            column = mark.lesson_id, mark.date
            mark.lesson_comment = columns.setdefault(column, mint.personal("column", *column))
        _write_own(mint, made, number, pupil)
        if not concluded:
            _write_results(mint, made, number, pupil)
    for number, pupil in enumerate(made.pupils.values()):
        for at, final in enumerate(made.finals[pupil.id]):
            final.comment = mint.personal("pupil", number, "final", at, "comment")


def _write_own(mint, made, number, pupil):
    place = {"pupil": pupil.id, "subject": next(iter(made.courses[pupil.form])), "date": str(made.term.today)}
    raw = mint.personal("pupil", number, "mark", "raw")
    edit(made, {"op": "mark_added", **place, "value": raw, "comment": mint.personal("pupil", number, "raw", "comment")})


def _write_results(mint, made, number, pupil):
    values = (mint.personal("pupil", number, "final", "raw"), "5")
    for subject, value in zip(made.courses[pupil.form], values, strict=False):
        place = {"pupil": pupil.id, "subject": subject, "period": made.periods(pupil.form)[0].name}
        edit(made, {"op": "final_set", **place, "value": value})


def spoil(mint, made):
    """Return the edit that gives a pupil a mark which no contract takes; its quarantined row holds a token."""
    pupil = list(made.pupils.values())[-1]
    value = mint.personal("spoilt", alphabet=Alphabet.LATIN) + UNREADABLE
    subject = list(made.courses[pupil.form])[1]
    place = {"pupil": pupil.id, "subject": subject, "date": str(made.term.today)}
    return {"op": "mark_added", **place, "value": value}


def office(mint, journal, *, seed=SEED):
    """The office's rows with their tokens, for the school of this dump."""
    rows = invent_office(journal, seed=seed)
    for number, row in enumerate(rows["contacts"]):
        row.update(_contact(mint, number))
    for number, row in enumerate(rows["deferrals"]):
        row["document"] = mint.personal("deferral", number, "document")
    for number, row in enumerate(rows["recommendations"]):
        row["text"] = mint.personal("recommendation", number)
    return rows


def _contact(mint, number):
    label = "contact", number
    if number % 3 == 0:
        mail = mint.personal(*label, "email", alphabet=Alphabet.LATIN)
        return {"way": "email", "address": f"{mail}@example.org", "form": "electronic"}
    if number % 3 == 1:
        phone = mint.personal(*label, "phone", alphabet=Alphabet.PHONE)
        return {"way": "sms", "address": f"+7{phone}", "form": "electronic"}
    return {"way": "post", "address": f"г. Небылов, {mint.personal(*label, 'post')}", "form": "paper"}


def consents(mint, made):
    """The sheet of families' decisions: all but one grant; every document has a token."""
    rows = ["ученик;область;решение;кем дано;документ;действует с;действует до"]
    for number, pupil in enumerate(made.pupils.values()):
        decision = "отказ" if number == 1 else "согласие"
        for scope in ("результаты", "контакты"):
            document = mint.personal("consent", number, scope)
            rows.append(f"{pupil.id};{scope};{decision};родитель;{document};01.09.2026;")
    return "\n".join(rows).encode("utf-8-sig")


class Signing(Sessions):
    """Sign-in whose every credential is a token."""

    def __init__(self, made, *, mint):
        own = [
            replace(
                one,
                title=mint.personal("account", one.login, "title"),
                password=mint.secret("password", one.login),
                token=mint.secret("ready-made token", one.login),
            )
            for one in invent_accounts(made)
        ]
        super().__init__(made, accounts=own)
        self.devkey = mint.secret("devkey")
        self.devkey_without_access = mint.secret("devkey without access")
        self._tokens = iter([mint.secret("session", number) for number in range(SIGN_INS)])

    def sign_in(self, params):
        """Give the next token."""
        given = super().sign_in(params)
        token = next(self._tokens)
        self._by_token[token] = self._by_token.pop(given["token"])
        return {**given, "token": token}


def dialect(mint, made):
    """The journal's speech over a book."""
    return Dialect(
        made, sessions=Signing(made, mint=mint), faults=FaultBook(JOURNAL_FAULTS), quirks=Quirks(seed=SEED, names=())
    )


def credentials(mint):
    """What lets a client into the diary."""
    return Credentials(
        token=mint.secret("diary's token"),
        client_id="client",
        client_secret=mint.secret("client secret"),
        signing_key=b"signing key of the canaries' diary",
    )


def secrets(mint):
    """Make every other secret of the world, so that a mint knows them all; returns the master key and wrong ones."""
    mint.secret("access token")
    mint.personal("diary", "detail")
    return {
        "master": mint.secret("master", alphabet=Alphabet.HEX),
        "new master": mint.secret("new master", alphabet=Alphabet.HEX),
        "password": mint.secret("wrong password"),
        "devkey": mint.secret("wrong devkey"),
        "client secret": mint.secret("wrong client secret"),
    }


def serve_journal(pupils, seed, today):
    """Serve the school of tokens until SIGTERM; more pupils than its own make as many classes as the sandbox makes."""
    mint = Mint()
    classes = CLASSES if pupils == PUPILS else ()
    spoken = dialect(mint, book(mint, pupils=pupils, seed=seed, today=today, classes=classes))
    layers = [Middleware(GZipMiddleware, minimum_size=1024, compresslevel=1)]
    app = Starlette(routes=[*control_routes(spoken), *spoken.routes()], middleware=layers)
    serve(app, host=HOST, port=0, announce=lambda base_url: announcement(spoken, base_url))


def serve_diary(database, seed):
    """Serve a diary that gives out tokens of ours, and whose problems quote what they are about."""
    mint = Mint()
    detail = mint.personal("diary", "detail")
    plain = diary.problem_response

    def quoting(problem):
        problem.detail = f"{detail} is not taken"
        return plain(problem)

    diary.problem_response = quoting
    Credentials.from_seed = classmethod(lambda _, __: credentials(mint))
    Credentials._seal = lambda _, __: mint.secret("access token")
    diary.run_diary(host=HOST, port=0, database=database, seed=seed)


JOURNAL = (
    "import datetime; from tests.canaries.school import serve_journal; p, s, d = sys.argv[1:]; "
    "serve_journal(int(p), int(s), datetime.date.fromisoformat(d))"
)
DIARY = (
    "import pathlib; from tests.canaries.school import serve_diary; d, s = sys.argv[1:]; "
    "serve_diary(pathlib.Path(d), int(s))"
)
"""Program texts in the place of those in `ejsync.sandbox.processes`."""
