"""`privacy`: report, export, erase from the command line."""

import json
import stat
from zipfile import ZipFile

import pytest

from ejsync.settings import Retention
from tests.doubles.erasing import HIM, TOKENS, filled, places
from tests.doubles.world import World

HEADS = "ученик;область;решение;кем дано;документ;действует с;действует до"
ORDERED = ("--reason", "отзыв согласия", "--document", "14", "--by", "директор")


@pytest.fixture
def known(home):
    """A store that knows two pupils, and the folder it stands in."""
    world = World(home / "state")
    filled(world)
    world.close()
    return world


def test_an_erasure_goes_to_its_end_with_one_command(known, run, home):
    """Plan, retractions, the diary's answer, the act; afterwards nothing of him is beside the store but the act."""
    result = run("privacy", "erase", HIM, *ORDERED, "--yes")
    assert result.exit_code == 0, result.output
    assert "Erased." in result.stdout
    acts = sorted(path.name for path in (home / "state" / "acts").iterdir())
    assert [name.rpartition(".")[2] for name in acts] == ["json", "pdf"]
    assert places(known, *TOKENS) == set()
    assert run("audit", "verify").exit_code == 0
    told = run("audit", "show", "--pupil", HIM).stdout
    assert [words in told for words in ("erasure begun", "a diary told to erase", "erased")] == [True] * 3


def test_an_erasure_that_is_done_is_told_again(known, run, home):
    """The same command once more names number, day and act, and does nothing."""
    run("privacy", "erase", HIM, *ORDERED, "--yes")
    acts = sorted(path.name for path in (home / "state" / "acts").iterdir())
    before = run("audit", "tail", "-n", "1").stdout
    result = run("privacy", "erase", HIM, *ORDERED, "--yes")
    assert (result.exit_code, all(name in result.stdout for name in acts)) == (0, True)
    assert "Nothing is left to do: erasure No. 1 was done on " in result.stdout
    told = json.loads(run("privacy", "erase", HIM, *ORDERED, "--json").stdout)
    assert (told["ok"], told["erasure"], told["step"], "at" in told) == (True, 1, "done", True)
    assert run("audit", "tail", "-n", "1").stdout == before


def test_a_plan_comes_first_and_changes_nothing(known, run, ask):
    """--dry-run counts by kind and by table; the audit stays as it was."""
    before = ask("audit", "tail", "-n", "1")
    told = ask("privacy", "erase", HIM, *ORDERED, "--dry-run")
    assert told["kinds"] == {"final_mark": 1, "mark": 2, "pupil": 1}
    assert told["rows"]["office_row"] == 1
    assert "final mark" in run("privacy", "erase", HIM, *ORDERED, "--dry-run").stdout
    assert ask("audit", "tail", "-n", "1") == before


def test_nothing_is_done_without_an_answer(known, run):
    """In a pipe --yes must say so."""
    result = run("privacy", "erase", HIM, *ORDERED)
    assert (result.exit_code, "--yes" in result.stderr) == (2, True)


def test_an_unknown_pupil_and_a_name_are_told_so(known, run):
    """A number that nobody has, and a word that is none."""
    assert "EJ-802" in run("privacy", "erase", "4711", *ORDERED, "--yes").stderr
    result = run("privacy", "erase", "Иванов", *ORDERED, "--yes")
    assert (result.exit_code, "Иванов" in result.output) == (2, False)


@pytest.mark.parametrize("name", ["--reason", "--document", "--by"])
def test_a_text_that_is_no_utf_8_is_told_so(known, run, name):
    """What a terminal in another encoding sends is a mistake of usage, and nothing is begun."""
    words = {"--reason": "отзыв", "--yes": None, name: "\udcd0"}
    result = run("privacy", "erase", HIM, *(word for pair in words.items() for word in pair if word))
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr


def test_beside_a_working_instance_the_rest_is_left_to_it(home, run, ask, monkeypatch):
    """The key is destroyed at once; what must be sent is the other's business, and that is said."""
    monkeypatch.setattr("ejsync.cli.erasing.PATIENCE_S", 0)
    working = World(home / "state")
    filled(working)
    told = ask("privacy", "erase", HIM, *ORDERED, "--yes", code=5)
    assert (told["ok"], told["step"]) == (False, "begun")
    working.deliver()
    told = ask("privacy", "erase", HIM, *ORDERED, "--yes")
    assert (told["ok"], told["step"]) == (True, "done")
    working.close()


def test_the_report_tells_what_left_and_on_what_ground(known, ask, run, home):
    """Counts by kind, the consent with its document, the delivery; on paper too, for its owner only."""
    told = ask("privacy", "report", HIM)
    assert {one["kind"]: one["count"] for one in told["held"]} == {"final_mark": 1, "mark": 2, "pupil": 1}
    assert (told["quarantined"], told["office"]) == (1, 1)
    assert [one["document"] for one in told["consents"]] == [TOKENS[4]]
    assert told["left"][0]["documents"] == [TOKENS[4]]
    result = run("privacy", "report", HIM, "--out", "report.pdf")
    assert "sent" in result.stdout
    assert stat.S_IMODE((home / "report.pdf").stat().st_mode) == 0o600
    assert run("privacy", "report", HIM, "--out", "report.pdf").exit_code == 2


def test_a_bundle_holds_all_and_nothing_else(known, run, home):
    """Records by kind, what is set aside, the office's rows, report and page; no class-mate; never overwritten."""
    assert run("privacy", "export", HIM, "--to", "him.zip").exit_code == 0
    with ZipFile(home / "him.zip") as bundle:
        names, whole = bundle.namelist(), {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert names == [
        "README.txt",
        "office.json",
        "quarantine.json",
        "records/final_mark.json",
        "records/mark.json",
        "records/pupil.json",
        "report.json",
    ]
    assert json.loads(whole["records/pupil.json"])[0]["data"]["last_name"] == TOKENS[0]
    assert TOKENS[6] in whole["quarantine.json"]
    assert not any("900177432" in text for text in whole.values())
    assert run("privacy", "export", HIM, "--to", "him.zip").exit_code == 2
    assert stat.S_IMODE((home / "him.zip").stat().st_mode) == 0o600


def test_the_same_data_make_the_same_bundle(known, home, run):
    """Two exports differ in nothing but what the first one left in the log, which is not in them."""
    for name in ("a.zip", "b.zip"):
        assert run("privacy", "export", HIM, "--to", name).exit_code == 0
    assert (home / "a.zip").read_bytes() == (home / "b.zip").read_bytes()


def sheet(home):
    """The office's sheet as it was before: the decision of the pupil's family."""
    made = home / "sheet.csv"
    made.write_text(f"{HEADS}\n{HIM};результаты;согласие;родитель;{TOKENS[4]};01.09.2026;\n", encoding="utf-8")
    return made


def test_an_old_sheet_brings_back_nobody_who_was_erased(known, run, home):
    """The decision that stood before is known again though no row tells of it; a new one lets him in."""
    made = sheet(home)
    assert run("privacy", "erase", HIM, *ORDERED, "--yes").exit_code == 0
    result = run("consent", "import", made)
    assert (result.exit_code, TOKENS[4] in result.stderr) == (2, True)
    made.write_text(made.read_text().replace(TOKENS[4], "№ 15"))
    assert run("consent", "import", made).exit_code == 0


def test_an_old_sheet_revives_no_consent_that_is_forgotten(known, run, home):
    """Withdrawn, and purged years later: the same row is refused, and taken only when it is insisted on."""
    run("consent", "withdraw", HIM, "--yes")
    world = World(home / "state")
    world.clock.move(days=4 * 366)
    with world.tx() as tx:
        assert tx.retention.purge(Retention().cutoffs(world.clock.now()), world.clock.now())["consents"] == 1
    world.close()
    assert run("consent", "import", sheet(home)).exit_code == 2
    assert run("consent", "import", sheet(home), "--again").exit_code == 0


def test_a_diary_is_left_out_by_its_name(known, run, home):
    """An unknown name is told; a known one is waited for no longer, and that is said."""
    assert "EJ-802" in run("privacy", "erase", HIM, *ORDERED, "--without", "regoin", "--yes").stderr
    result = run("privacy", "erase", HIM, *ORDERED, "--without", "ed", "--yes")
    assert (result.exit_code, "left out" in result.stdout) == (0, True)
