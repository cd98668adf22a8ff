"""The command line as its users meet it: processes, terminals, pipes, and both simulated services over loopback."""

import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ejsync.store.lock import locked

pytestmark = pytest.mark.slow

EJSYNC = (sys.executable, "-m", "ejsync")
READING = [
    "config show", "config validate", "doctor", "status", "status --check", "batches list", "batches list --dead",
    "quarantine list", "audit tail", "audit verify", "consent list", "contracts list", "contracts validate",
    "sync --dry-run --feed roster",
]  # fmt: skip
ESCAPE = "\x1b"
_PLAIN = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C.UTF-8", "TERM": "xterm-256color", "PYTHONIOENCODING": ""}


@dataclass(frozen=True)
class Place:
    """A school set up by `init` in a folder."""

    folder: Path
    journal: dict
    diary: dict

    def run(self, *words, encoding="utf-8", **variables):
        """Run a command line in a pipe; its output is decoded strictly."""
        environment = {**os.environ, **_PLAIN, **variables}
        done = subprocess.run([*EJSYNC, *words], cwd=self.folder, env=environment, capture_output=True, check=False)
        return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)

    def on_terminal(self, *words, **variables):
        """Run a command line whose standard output is a terminal and return what it showed."""
        ours, its = pty.openpty()
        undecided = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment = {**undecided, **_PLAIN, **variables}
        with subprocess.Popen([*EJSYNC, *words], cwd=self.folder, env=environment, stdout=its, stderr=its):
            os.close(its)
            return _until_closed(ours)

    def copy(self, folder, **replaced):
        """Return the same place in another folder, with words of its settings replaced."""
        shutil.copytree(self.folder, folder)
        text = (folder / "ejsync.toml").read_text(encoding="utf-8")
        for old, new in replaced.values():
            assert old in text
            text = text.replace(old, new)
        (folder / "ejsync.toml").write_text(text, encoding="utf-8")
        return Place(folder, self.journal, self.diary)


def _until_closed(terminal):
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # Linux says so when the last process let go of the terminal
        pass
    os.close(terminal)
    return shown.decode()


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Both simulated services, each in a process of its own."""
    folder = tmp_path_factory.mktemp("services")
    lines = (
        ("journal", "--pupils", "30", "--seed", "3", "--today", "2026-11-16"),
        ("diary", "--database", str(folder / "diary.db")),
    )
    running = [subprocess.Popen([*EJSYNC, "sandbox", *line], stdout=subprocess.PIPE, text=True) for line in lines]
    yield [json.loads(process.stdout.readline()) for process in running]
    for process in running:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def place(services, tmp_path_factory):
    """A school set up as a new user would, and synced once."""
    journal, diary = services
    accounts = {account["login"]: account["password"] for account in journal["accounts"]}
    reader = next(account["login"] for account in journal["accounts"] if account["role"] == "helper")
    made = Place(tmp_path_factory.mktemp("place"), journal, diary)
    addresses = ("--eljur", f"{journal['base_url']}/apiv3", "--diary", diary["base_url"], "--vendor", journal["vendor"])
    assert made.run("init", "--yes", *addresses, "--login", "service", "--login", reader)[0] == 0
    secrets = made.folder / "secrets"
    (secrets / "eljur-devkey").write_text(journal["devkey"])
    (secrets / "eljur-password").write_text(accounts["service"])
    (secrets / "eljur-password-2").write_text(accounts[reader])
    (secrets / "ed-token").write_text(diary["token"])
    settings = made.folder / "ejsync.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("request_pause_ms = 300", "request_pause_ms = 0"))
    code, out, err = made.run("sync", "--json")
    assert code == 0, err
    assert json.loads(out)["schools"][0]["sinks"][0]["delivered"] > 0
    return made


@pytest.mark.parametrize("verb", READING)
def test_a_reading_verb_prints_one_document(place, verb):
    """With --json exactly one JSON document stands on stdout, and it says nothing else there."""
    code, out, err = place.run(*verb.split(), "--json")
    assert code == 0, err
    assert json.loads(out)


@pytest.mark.parametrize("encoding", ["ascii", "cp1251"])
@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("verb", ["status", "consent list", "sync --help", "batches show nobody"])
def test_any_terminal_is_good_enough(place, verb, language, encoding):
    """Under an ASCII or cp1251 terminal nothing breaks, and every byte belongs to that encoding."""
    code, out, err = place.run(*verb.split(), "--lang", language, encoding=encoding, PYTHONIOENCODING=encoding)
    assert code == (2 if verb.endswith("nobody") else 0)
    assert "Traceback" not in err
    assert "EJ-900" not in err
    assert out or err


def test_a_document_stays_true_under_ascii(place):
    """Russian words arrive whole in JSON, whatever the terminal's encoding."""
    told = [json.loads(place.run("config", "show", "--json", PYTHONIOENCODING=name)[1]) for name in ("ascii", "utf-8")]
    assert told[0] == told[1]


@pytest.mark.parametrize("verb", ["status", "doctor", "batches list", "sync --dry-run", "--help"])
def test_a_pipe_gets_no_escape_codes(place, verb):
    """Neither stdout nor stderr of a pipe holds an escape code, even where colours are forced upon it."""
    _, out, err = place.run(*verb.split(), FORCE_COLOR="1")
    assert ESCAPE not in out + err


def test_a_terminal_gets_colours_unless_it_said_no(place):
    """On a terminal states are coloured; under NO_COLOR the same table has no escape code."""
    assert ESCAPE in place.on_terminal("doctor")
    assert ESCAPE not in place.on_terminal("doctor", NO_COLOR="1")


def test_a_terminal_sees_progress(place):
    """While a feed is read its bar is shown."""
    assert "lyceum: roster" in place.on_terminal("sync", "--feed", "roster", "--dry-run")


def test_a_rehearsal_leaves_store_and_diary_alone(place):
    """A dry run changes no byte of the store, and after a real cycle it has nothing to send."""
    store = place.folder / "state" / "ejsync.db"
    before = store.read_bytes()
    code, out, _ = place.run("sync", "--dry-run", "--json")
    assert (code, json.loads(out)["schools"][0]["would_send"]) == (0, [])
    assert store.read_bytes() == before


def test_broken_settings_list_every_fault(place, tmp_path):
    """Three faults in the file and one in the environment: all are named at once, exit 4."""
    faults = {
        "a": ('timezone = "Europe/Moscow"', 'timezone = "Europe/Moskow"'),
        "b": ("batch_items = 500", "batch_items = 0"),
        "c": ('level = "info"', 'levle = "info"'),
    }
    code, out, err = place.copy(tmp_path / "x", **faults).run("sync", EJSYNC_SERVICE__PORT="x")
    assert (code, out) == (4, "")
    assert [key for key in ("timezone", "batch_items", "levle", "EJSYNC_SERVICE__PORT") if key not in err] == []


def test_a_template_comes_back_as_consents(place, tmp_path):
    """The sheet that `consent template` writes names every pupil of the journal; filled in, it is imported whole."""
    other = place.copy(tmp_path / "x")
    assert other.run("consent", "template", "sheet.csv")[0] == 0
    sheet = other.folder / "sheet.csv"
    head, *rows = sheet.read_text(encoding="utf-8-sig").splitlines()
    filled = [f"{';'.join(row.split(';')[:2])};результаты;согласие;родитель;1-К;01.09.2026;" for row in rows]
    sheet.write_text("\n".join([head, *filled]), encoding="utf-8-sig")
    for new, known in ((30, 0), (0, 30)):
        told = json.loads(other.run("consent", "import", "sheet.csv", "--json")[1])
        assert (told["new"], told["already_known"], told["unknown_pupils"]) == (new, known, [])


def test_a_second_instance_is_refused(place):
    """While another process works on the store, `sync` ends with exit 10 and names it; reading goes on."""
    with locked(place.folder / "state" / "ejsync.db"):
        code, _, err = place.run("sync")
        assert (code, "EJ-503" in err, str(os.getpid()) in err) == (10, True, True)
        assert place.run("status")[0] == 0


def test_a_wrong_password_names_the_account(place, tmp_path):
    """Exit 4, one sentence for each account with its name, the next command, and never the password."""
    other = place.copy(tmp_path / "x")
    for name in ("eljur-password", "eljur-password-2"):
        (other.folder / "secrets" / name).write_text("no-such-password")
    code, _, err = other.run("sync", "--lang", "en")
    assert (code, err.count("EJ-203")) == (4, 2)
    assert re.findall(r"refused the account “([a-z0-9-]+)”", err) == ["reader", "reader-2"]
    assert "→ " in err
    assert "no-such-password" not in err
    assert other.run("doctor")[0] == 4


def test_a_diary_that_is_away_is_temporary(place, tmp_path):
    """Changes that cannot be sent wait for a later try: exit 5, from `doctor` too."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        other = place.copy(tmp_path / "x", a=(place.diary["base_url"], address))
        for name in ("ejsync.db", "ejsync.db-wal", "ejsync.db-shm"):
            (other.folder / "state" / name).unlink(missing_ok=True)
        code, out, _ = other.run("sync", "--feed", "roster", "--json")
        assert (code, json.loads(out)["schools"][0]["sinks"][0]["errors"][0]["code"]) == (5, "EJ-401")
        assert other.run("doctor")[0] == 5
