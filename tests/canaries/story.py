"""What an operator and bad luck do in the place of tokens: every verb, runs that fail, a daemon, a kill."""

import json
import re
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import orjson

from ejsync.sandbox import processes
from ejsync.sandbox.invented_office import office_files
from ejsync.sandbox.journal_state import journal_state
from tests.canaries import school
from tests.canaries.place import ROOT, Place, Said
from tests.canaries.school import PUPILS, SEED, TODAY
from tests.canaries.tokens import Mint

READY_WITHIN_S = 60
BROKEN = 3
"""How a sync ends that found a record which breaks its contract."""
SETTLED = b'"event": "batch.delivered"'
CRASHED = {"job": b"job.crashed", "thread": b"thread.failed"}
_PORT = re.compile(rb'"port": (\d+)')
SETTINGS = {
    "request_pause_ms = 300": "request_pause_ms = 0",
    'level = "info"': 'level = "debug"',
    "contacts = false": "contacts = true",
    "port = 8787": "port = 0",
    "every_seconds = 5": "every_seconds = 1",
    "attempts = 4": "attempts = 1",
    "every_minutes = 10\n": "every_minutes = 0.05\n",
}
WHAT_READS = (
    "config show", "config validate --json", "contracts list", "contracts validate", "plan", "doctor", "status",
    "status --json", "status --check", "source coverage", "source drift", "db check", "db upgrade --check",
    "audit tail", "audit verify", "audit key", "keys status", "keys check --json",
    "import list", "import show 1", "consent list --json",
    "batches list --json", "batches list --dead", "quarantine list --json", "reconcile", "audit tail -n 1000 --json",
)  # fmt: skip
"""Verbs that change nothing."""


@contextmanager
def services(folder):
    """The journal and the diary of tokens, each a process of its own."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict("os.environ", {"PYTHONPATH": str(ROOT)}))
        stack.enter_context(patch.object(processes, "_JOURNAL", school.JOURNAL))
        stack.enter_context(patch.object(processes, "_DIARY", school.DIARY))
        where = {"folder": folder}
        journal = processes.journal_process(pupils=PUPILS, seed=SEED, today=str(TODAY), **where)
        yield stack.enter_context(journal), stack.enter_context(processes.diary_process(seed=SEED, **where))


class Story:
    """Everything that happens, in its order.

    Attributes:
        heard: what the health endpoint answered.
        kept: the bytes of every file of the place, taken while the daemon ran, after it was killed, and at the end.
        carried: every record that the diary has held.
    """

    def __init__(self, folder, journal, diary):
        self.mint = Mint()
        self.book = school.book(self.mint)
        school.dialect(self.mint, self.book)
        school.credentials(self.mint)
        self.keys = school.secrets(self.mint)
        self.journal, self.diary = journal, diary
        self.place = Place(folder)
        self.heard, self.kept, self.carried = [], [], []
        self.pupils = list(self.book.pupils)

    def play(self):
        """Let it all happen."""
        self.set_up()
        self.let_in_nobody()
        self.begin_the_year()
        self.meet_bad_luck()
        self.look()
        self.put_on_paper()
        self.decide()
        self.run_on()
        self.put_back()
        self.change_keys()
        self.rehearse()

    # -- what happens -------------------------------------------------------------------------------------------------

    def set_up(self):
        """A folder as a new user makes it, with every secret a token."""
        logins = [one["login"] for one in self.journal.announced["accounts"] if one["role"] != "parent"]
        words = [word for login in logins for word in ("--login", login)]
        eljur, vendor = f"{self.journal.announced['base_url']}/apiv3", self.journal.announced["vendor"]
        self.alone(
            "init", "--yes", "--eljur", eljur, "--vendor", vendor, "--diary", self.diary.announced["base_url"], *words
        )
        for name in ("sheets", "papers"):
            (self.place.folder / name).mkdir()
        self.passwords = {one["login"]: one["password"] for one in self.journal.announced["accounts"]}
        told = {"eljur-devkey": self.journal.announced["devkey"], "ed-token": self.diary.announced["token"]}
        for number, login in enumerate(logins, start=1):
            told[f"eljur-password{f'-{number}' if number > 1 else ''}"] = self.passwords[login]
        for name, value in {**told, "client": self.diary.announced["client_secret"]}.items():
            self.secret(name, value)
        (self.place.folder / "state" / "master.key").write_text(self.keys["master"])
        client = (
            f'token_url = "{self.diary.announced["token_url"]}"\n'
            'client_id = "client"\nclient_secret = "file:secrets/client"'
        )
        self.settings({**SETTINGS, 'token = "file:secrets/ed-token"': client})

    def let_in_nobody(self):
        """Wrong secrets: whoever refuses them, nobody says them."""
        for name, wrong in (("eljur-devkey", "devkey"), ("eljur-password-2", "password"), ("client", "client secret")):
            right = self.secret(name, self.keys[wrong])
            self.run("doctor", code=None)
            self.run("sync", "--feed", "roster", "--json", code=None)
            self.secret(name, right)
        self.run("sync", "--dry-run")

    def begin_the_year(self):
        """The roster, the families' decisions, the office's sheets, good ones and bad ones, and all of the journal."""
        self.run("sync", "--feed", "roster")
        self.run("consent", "template", "sheets/empty.csv")
        self.sheet("consents.csv", school.consents(self.mint, self.book))
        self.sheet("spoilt.csv", school.consents(self.mint, self.book).replace(b";01.09.2026;", b";31.02.2026;"))
        self.run("consent", "import", "sheets/spoilt.csv", code=2)
        self.run("consent", "import", "sheets/consents.csv", "--json")
        self.edit(school.spoil(self.mint, self.book))
        self.run("sync", "--json", code=BROKEN)
        self.run("import", "template", "contact", "sheets/empty.xlsx")
        state = orjson.loads(orjson.dumps(journal_state(self.book)))
        rows = school.office(self.mint, state)
        for kind, content in office_files(rows).items():
            self.sheet(f"{kind}.xlsx", content)
            self.run("import", kind, f"sheets/{kind}.xlsx", "--yes")
        for row in rows["contacts"]:
            row["way"] = "email"
        self.sheet("spoilt.xlsx", office_files(rows)["contact"])
        self.run("import", "contact", "sheets/spoilt.xlsx", "--yes", code=2)
        self.alone("sync", "--json")
        self.meet()

    def meet_bad_luck(self):
        """Pages that nobody can read, batches that are refused, a school that changes its mind."""
        for kind in ("truncated", "html", "no_response", "error500"):
            self.journal.order(kind=kind, match="getmarks", times=2)
            self.run("sync", "--feed", "marks", code=None)
            self.journal.clear_faults()
        self.change()
        self.run("sync", "--feed", "marks", crash="window", code=None)
        self.diary.order(kind="poison", record_kind="mark")
        self.diary.order(kind="refuse_whole", record_kind="homework")
        self.run("sync", code=None)
        self.diary.clear_faults()

    def change(self):
        """Teachers edit: a mark and its comment, homework, a lesson with another teacher, a timetable that vanishes."""
        state = self.journal.state()
        mark = next(one for one in state["marks"] if one["value"] == "5")
        task = next(one for one in state["homework"] if not one["pupil"])
        lesson = next(one for one in state["lessons"] if one["date"] > str(TODAY) and one["class"] == "10А")
        place = {name: mark[name] for name in ("pupil", "lesson_id", "date", "nm")}
        at = {name: task[name] for name in ("class", "date", "subject", "index", "grp")}
        teacher = next(one["id"] for one in state["teachers"] if int(one["id"]) != lesson["teacher_id"])
        self.edit(
            {"op": "mark_changed", **place, "value": "4", "comment": self.mint.personal("changed comment")},
            {"op": "homework_changed", **at, "text": self.mint.personal("changed homework")},
            {"op": "lesson_replaced", **{n: lesson[n] for n in ("class", "date", "num", "grp")}, "teacher_id": teacher},
            {"op": "timetable_wiped", "class": "5Б"},
        )

    def look(self):
        """Everything that only reads, and whatever crashes while it does."""
        for words in WHAT_READS:
            self.run(*words.split(), code=None)
        self.run("status", crash="verb", code=1)
        batches = self.told("batches", "list", "--json", "--limit", "200")["batches"]
        self.batches = {state: [one["batch"] for one in batches if one["state"] == state] for state in _STATES}
        shown = [batch for state in _STATES for batch in self.batches[state][:1]]
        for batch in shown:
            self.run("batches", "show", batch)
            self.run("batches", "diff", batch, code=None)
            self.run("audit", "show", batch, code=None)
        self.run("audit", "show", "--pupil", self.pupils[0], "--full")
        self.run("audit", "export", "papers/audit.jsonl")
        self.run("audit", "checkpoint", code=None)
        self.run("quarantine", "show", "1")
        self.run("quarantine", "show", "1", "--payload", "--yes")
        self.run("quarantine", "release", "1", code=None)

    def put_on_paper(self):
        """Reports and an extract: they are made to be read by people."""
        for kind in ("statistics", "forecast", "summary"):
            self.run("report", kind, "--class", "10А")
            self.run("report", kind, "--class", "5Б", "--out", f"papers/{kind}.xlsx")
        self.run("extract", "--pupil", self.pupils[0], "--out", "papers", code=None)
        self.run("privacy", "report", self.pupils[0], "--out", "papers/report.pdf")
        self.run("privacy", "export", self.pupils[0], "--to", "papers/pupil.zip")

    def decide(self):
        """An operator decides about batches, a family about its consent, the office about a sheet."""
        for batch in self.batches["held"][:1]:
            self.run("batches", "approve", batch, "--yes")
        self.run("batches", "replay", "--all-dead", "--yes", code=None)
        for batch in self.batches["held"][1:2]:
            self.run("batches", "discard", batch, "--yes")
        self.run("consent", "show", self.pupils[2])
        self.run("consent", "withdraw", self.pupils[2], "--yes")
        self.run("import", "undo", "4", "--yes")
        self.run("reconcile", "--repair", code=None)
        self.run("sync", code=None)
        self.meet()

    def run_on(self):
        """The daemon, with a bug in a job and one in a thread, and without; it is killed while it works."""
        for crash in ("job", "thread"):
            self._daemon(crash, until=CRASHED[crash])
        mark = next(one for one in self.journal.state()["marks"] if one["pupil"] == self.pupils[0] and one["mtype"])
        place = {name: mark[name] for name in ("pupil", "lesson_id", "date", "nm")}
        self.edit({"op": "mark_changed", **place, "comment": self.mint.personal("comment of the daemon's day")})
        self._daemon("", until=SETTLED)

    def put_back(self):
        """A backup, a restored store, and what the place holds at last."""
        self.run("db", "backup")
        backup = next((self.place.folder / "state" / "backups").glob("*"))
        self.run("db", "restore", backup, "--yes", code=None)
        self.run("db", "upgrade")
        self.run("sync", code=None)
        self.run(
            "privacy", "erase", self.pupils[3], "--reason", "отзыв согласия", "--by", "директор", "--yes", code=None
        )
        self.keep("at the end")

    def change_keys(self):
        """Another master secret, and a beginning without the old one."""
        self.secret("master", self.keys["new master"])
        self.run("keys", "rotate", "--to", "file:secrets/master")
        self.run("keys", "start-anew", "--yes")
        self.run("sync", code=None)
        self.keep("with other keys")

    def rehearse(self):
        """The sandbox's own verbs, and the demo played on a school of tokens."""
        self.run("sandbox", "office", "--pupils", "20", "--out", "sheets/office")
        for role in ("journal", "diary"):
            self._served("sandbox", role)
        self.demo = self.alone("demo", "--pupils", "20", "--seed", "2", "--json")
        self.keep("after the demo")

    # -- how it happens -----------------------------------------------------------------------------------------------

    def run(self, *words, code=0, crash=""):
        """Run a command line that ends as expected; None expects nothing."""
        said = self.place.run(*words, crash=crash)
        assert code in {None, said.code}, (words, said.code, said.err.decode())
        return said

    def alone(self, *words, code=0):
        """Run a command line as a program of its own, which is watched."""
        said = self.place.run_alone(*words)
        assert code in {None, said.code}, (words, said.code, said.err.decode())
        return said

    def told(self, *words):
        """The document that a command line prints."""
        return json.loads(self.run(*words).out)

    def secret(self, name, value):
        """Put a secret into its file; returns what stood there."""
        file = self.place.folder / "secrets" / name
        before = file.read_text() if file.exists() else ""
        file.write_text(value)
        return before

    def settings(self, replaced):
        """Replace words of the settings."""
        file = self.place.folder / "ejsync.toml"
        text = file.read_text(encoding="utf-8")
        for old, new in replaced.items():
            assert old in text, old
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")

    def sheet(self, name, content):
        """Put a sheet of the office where it is read from."""
        (self.place.folder / "sheets" / name).write_bytes(content)

    def edit(self, *edits):
        """Let the school edit its journal."""
        self.journal.post("/_control/edit", list(edits))

    def meet(self):
        """Note what the diary holds now."""
        self.carried += self.diary.state()["records"]

    def keep(self, moment):
        """Take the bytes of every file."""
        files = [(name, data) for name, data in self.place.files(LEFT_OUT) if not name.endswith(OF_THE_DEMO)]
        self.kept += [(f"{name}, {moment}", data) for name, data in files]

    def _daemon(self, crash, until):
        """Let the daemon run until it says something, ask how it is, look at its files, and kill it."""
        with self.place.begin("run", crash=crash) as process, self.place.watch.over(process, ("run",)):
            said = self._listen(process, until)
            assert until in said, said[-3000:]
            if not crash and (port := _PORT.search(said)):
                self.heard += [_asked(int(port[1]), path) for path in ("healthz", "readyz", "metrics")]
            self.keep(f"daemon at work {crash}")
            process.kill()
            out, err = process.communicate()
        self.place.said.append(Said(("run",), process.returncode, out, said + err))
        self.keep(f"daemon killed {crash}")

    def _listen(self, process, until):
        """Read what a daemon says until it says something; one that keeps silent is ended."""
        said, alarm = b"", threading.Timer(READY_WITHIN_S, process.kill)
        alarm.start()
        while until not in said and (line := process.stderr.readline()):
            said += line
        alarm.cancel()
        return said

    def _served(self, *words):
        """Run a server until it has announced itself."""
        with self.place.begin(*words) as process, self.place.watch.over(process, words):
            first = process.stdout.readline()
            process.terminate()
            out, err = process.communicate()
        self.place.said.append(Said(words, process.returncode, first + out, err))


def _asked(port, path):
    """What an address answers, its headers too."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            return bytes(answer.headers) + answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return bytes(error.headers) + error.read()


_STATES = ("held", "partial", "delivered")
LEFT_OUT = ("secrets", "state/master.key", "sheets", "papers")
"""Not searched: where secrets stand, what the office hands in, and what is made to be read by people."""
OF_THE_DEMO = ("diary.db", "diary.db-wal", "diary.db-shm", ".secret", "master.key")
"""Not searched either: the stand-ins of diary and secrets that the demo makes for itself."""
