"""A simulated journal without a network: the dialect answers in process, contract and mapping are the real ones."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import orjson

from ejsync.contracts import Contracts
from ejsync.domain.records import SCHOOL, Feed, owner_class, owner_pupil
from ejsync.domain.windows import Days, Page, Roster, Window
from ejsync.sandbox.accounts import latin
from ejsync.sandbox.journal import journal_app
from ejsync.sandbox.rollbook import invent_rollbook
from ejsync.sandbox.term import Term
from ejsync.sources.eljur.client.strangers import refuse_strangers
from ejsync.sources.eljur.mapping import read
from ejsync.sources.eljur.mapping.tidy import as_object

CONTRACTS = Contracts()
_TODAY = date(2026, 11, 23)
_PUPILS = 6
_FLAGS = {"getperiods": {"show_disabled": "true", "weeks": "true"}, "getschedule": {"rings": "true"}}


class ExamTerm(Term):
    """A year in which every class has the periods of the ninth: an ambiguous exam among them."""

    def periods(self, level):
        """Return the periods of a ninth class."""
        return super().periods(9)


@dataclass(frozen=True)
class Way:
    """One read: a method, by the whole school, a class, one pupil or some pupils of a class."""

    method: str
    by: str
    feed: Feed
    longest_days: int = 0


WAYS = (
    Way("getmessagereceivers", "school", Feed.ROSTER),
    Way("getperiods", "pupil", Feed.PERIODS),
    Way("getschedule", "class", Feed.TIMETABLE, 14),
    Way("getschedule", "pupils", Feed.DIARY, 14),
    Way("getreplaces", "class", Feed.SUBSTITUTIONS, 1),
    Way("gethomework", "class", Feed.HOMEWORK, 14),
    Way("gethomework", "pupils", Feed.HOMEWORK, 14),
    Way("getmarks", "pupils", Feed.MARKS, 45),
    Way("getdiary", "pupils", Feed.MARKS, 7),
    Way("getdiary", "pupils", Feed.DIARY, 7),
    Way("getfinalassessments", "pupils", Feed.FINALS),
)
"""Every way in which the mapping reads an answer."""


class PaperJournal:
    """An invented school of 10 to 40 pupils, with an ambiguous period and a subject spelled with `ё`."""

    def __init__(self, seed, *, quirks=()):
        draw = Random(f"paper/{seed}")
        self.seed = seed
        self.book = invent_rollbook(pupils=draw.randint(10, 40), seed=seed, today=_TODAY, density=draw.choice((1, 3)))
        self.book.term = ExamTerm(_TODAY)
        _rename(self.book, "История", "Учёт  событий")
        self.app, self.dialect = journal_app(self.book, quirks=quirks)
        self.roster = Roster({form: tuple(p.id for p in self.book.members(form)) for form in self.book.forms})

    def window(self, way):
        """Choose class, days and pupils of a read; the same seed chooses the same."""
        draw = Random(f"{self.seed}/{way}")
        name = draw.choice(self.book.forms)
        members = self.roster.classes[name]
        pupils = {"pupils": members[:_PUPILS], "pupil": members[:1]}.get(way.by, ())
        scope = SCHOOL if way.by == "school" else name
        whole = (SCHOOL,) if way.by == "school" else (owner_class(name),)
        return Window(
            way.feed,
            scope,
            way.method,
            days=_days(draw, way.longest_days),
            classes=() if way.by == "school" else (name,),
            pupils=pupils,
            owners=tuple(map(owner_pupil, pupils)) if way.by == "pupils" else whole,
            whole=way.feed is Feed.DIARY and draw.random() < 0.5,
        )

    def ask(self, window):
        """Return the result of a read."""
        account = self.account(window)
        params = {"vendor": self.dialect.sessions.vendor, "devkey": self.dialect.sessions.devkey, "out_format": "json"}
        params |= {"login": account.login, "password": account.password, **_FLAGS.get(window.method, {})}
        params |= {"student": ",".join(window.pupils)} if window.pupils else {}
        params |= {"class": window.classes[0]} if window.classes and not window.pupils else {}
        params |= {"days": f"{window.days.first:%Y%m%d}-{window.days.last:%Y%m%d}"} if window.days else {}
        response = orjson.loads(self.dialect.answer("GET", window.method, params).body)["response"]
        assert int(response["state"]) == 200, response
        return response["result"]

    def reading(self, window):
        """Read a window as the client does: contract first, then the mapping."""
        result = self.ask(window)
        assert CONTRACTS.faults(f"eljur/v1/{window.method}", result) == ()
        return read(refuse_strangers(page(window, result)), self.roster)

    def account(self, window):
        """Choose who reads a window."""
        wanted = f"bridge-{latin(window.classes[0])}" if window.pupils else "service"
        return next(account for account in self.dialect.sessions.accounts if account.login == wanted)


def page(window, result):
    """A result as the client hands it on."""
    return Page(window, as_object(result), day=_TODAY)


def _days(draw, longest):
    if not longest:
        return None
    first = date(2026, 9, 1) + timedelta(days=draw.randrange(90))
    return Days(first, first + timedelta(days=draw.randrange(longest)))


def _rename(book, old, new):
    for form in book.forms:
        book.courses[form] = {new if name == old else name: number for name, number in book.courses[form].items()}
        _rename_rows((row for rows in book.timetable[form].values() for row in rows), "name", old, new)
        _rename_rows((row for rows in book.homework[form].values() for row in rows), "subject", old, new)
    for pupil in book.pupils:
        _rename_rows((row for rows in book.marks[pupil].values() for row in rows), "subject", old, new)
        _rename_rows(book.finals[pupil], "subject", old, new)


def _rename_rows(rows, field, old, new):
    for row in rows:
        if getattr(row, field) == old:
            setattr(row, field, new)
