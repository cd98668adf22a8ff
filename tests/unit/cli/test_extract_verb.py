"""`extract`."""

import stat
from types import SimpleNamespace

import pytest

from ejsync.cli.extract_verb import _kept
from ejsync.reports import extracting
from ejsync.reports.class_records import Archive
from ejsync.reports.paper import Press
from tests.doubles import paper_class
from tests.doubles.world import World


@pytest.fixture
def school(home):
    """A folder with settings and a store that knows two classes, of one of them no results."""
    world = World(home / "state")
    paper_class.keep(world, paper_class.class_records())
    paper_class.keep(world, paper_class.class_records("5Б", people=(("3001", "Новая", "Ия", None),), subjects={}))
    world.close()
    return home


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_class_goes_into_a_folder_a_file_for_each_pupil(school, ask):
    """Named by number; folder and files are their owner's only; each has pages and a digest."""
    files = ask("extract", "--class", "10А", "--out", "paper")["files"]
    assert sorted(path.name for path in (school / "paper").iterdir()) == [
        f"{number}.pdf" for number in range(2001, 2005)
    ]
    assert (_mode(school / "paper"), _mode(school / "paper" / "2001.pdf")) == (0o700, 0o600)
    assert {(one["class"], one["period"], one["pupils"], one["pages"]) for one in files} == {("10А", "p1", 1, 2)}


def test_a_class_or_a_pupil_goes_into_one_file(school, run):
    """How many extracts and pages is told."""
    assert "4 extracts written: 8 pages" in run("extract", "--class", "10а", "--out", "10a.pdf").stdout
    assert "1 extract written: 2 pages" in run("extract", "--pupil", "2001", "--out", "one.pdf").stdout
    assert (school / "10a.pdf").read_bytes().startswith(b"%PDF")


def test_a_whole_school_leaves_out_classes_of_which_nothing_is_known(school, run):
    """They are named, the others are written."""
    result = run("extract", "--out", "all")
    assert result.exit_code == 0
    assert len(list((school / "all").iterdir())) == 4
    assert "5Б is left out" in result.stderr


def test_every_extract_is_in_the_audit_log_under_a_pseudonym(school, run, ask):
    """One event for each file; no name and no number in it."""
    run("extract", "--class", "10А", "--out", "paper")
    run("extract", "--pupil", "2001", "--out", "one.pdf")
    world = World(school / "state")
    events = world.audit("extract.written")
    world.close()
    assert [len(event.details["pupils"]) for event in events] == [1] * 5
    assert "2001" not in {pupil for event in events for pupil in event.details["pupils"]}
    assert ask("audit", "verify")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--pupil", "2001", "--class", "10А", "--out", "a.pdf"), "EJ-800"),
        (("--out", "all.pdf"), "EJ-800"),
        (("--pupil", "Ёжикова", "--out", "a.pdf"), "EJ-800"),
        (("--pupil", "9", "--out", "a.pdf"), "EJ-802"),
        (("--class", "9Ю", "--out", "a.pdf"), "EJ-802"),
        (("--class", "10А", "--period", "p2", "--out", "a.pdf"), "EJ-802"),
        (("--period", "p2", "--out", "all"), "EJ-802"),
        (("--class", "10А", "--out", "no/such/folder/a.pdf"), "EJ-801"),
        (("--class", "10А", "--out", "no/such/folder"), "EJ-801"),
        (("--class", "10А", "--out", "ejsync.toml"), "EJ-801"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(school, ask, words, code):
    """A wrong use, an unknown pupil, class or period, a place where nothing can be written."""
    told = ask("extract", *words, code=2)
    assert told["code"] == code
    assert told["next_step"]
    assert "Ёжикова" not in str(told)


def test_what_is_there_is_overwritten_with_force_only(school, run):
    """The folder is looked at before anything is set: nothing is half done."""
    assert run("extract", "--pupil", "2004", "--out", "paper").exit_code == 0
    before = (school / "paper" / "2004.pdf").read_bytes()
    assert run("extract", "--class", "10А", "--out", "paper").exit_code == 2
    assert [path.name for path in (school / "paper").iterdir()] == ["2004.pdf"]
    assert run("extract", "--class", "10А", "--out", "paper", "--force").exit_code == 0
    assert (school / "paper" / "2004.pdf").read_bytes()[:5] == before[:5]


def test_what_cannot_be_witnessed_does_not_stay(school, monkeypatch):
    """A file without its audit event is taken away again."""
    world = World(school / "state")
    records = Archive(world.wiring, "Школа № 7").read("10А")
    (document,) = extracting.documents(Press("extract"), records, records.people[:1], together=True)
    monkeypatch.setattr(extracting, "witness", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _kept(SimpleNamespace(), document, school / "a.pdf", force=False)
    world.close()
    assert not (school / "a.pdf").exists()
