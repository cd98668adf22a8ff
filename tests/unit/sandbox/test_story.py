"""The story: its document says no when any step does, and a broken chapter never hides the comparison."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from ejsync.domain.audit import GENESIS, seal
from ejsync.errors import StoreError
from ejsync.sandbox import story
from ejsync.sandbox.comparison import Comparison
from ejsync.sandbox.stage import Sight, StageClock, Step

SAME = Comparison(
    journal_records=3, withheld=1, delivered=2, missing=(), differing=(), unexpected=(), repeated=0, doubled=0
)  # fmt: skip
LOST = Comparison(
    journal_records=3, withheld=1, delivered=1, missing=(("mark", "a"),), differing=(), unexpected=(), repeated=0,
    doubled=0,
)  # fmt: skip


def well(tale):
    """A chapter in which all is well."""
    yield Step("well", ok=True, sentence="", facts={"count": 1})


def badly(tale):
    """A chapter that finds a fault."""
    yield Step("badly", ok=False, sentence="", facts={})


def broken(tale):
    """A chapter that an error ends."""
    yield Step("half", ok=True, sentence="", facts={})
    raise StoreError(path="demo", reason="disk full")


def chain():
    """A sound audit chain of two entries."""
    first = seal((0, GENESIS), "demo", StageClock().now(), "feed.read", {"windows": 1})
    return [first, seal((1, first.hash), "demo", StageClock().now(), "feed.read", {"windows": 2})]


@pytest.fixture
def told(monkeypatch):
    """Play given chapters on a stage without servers; returns the document and what was told."""

    def play(*chapters, found=SAME, audit=None):
        events = chain() if audit is None else audit

        @contextmanager
        def read(_school):
            yield SimpleNamespace(audit=SimpleNamespace(walk=lambda: iter(events)))

        server = SimpleNamespace(state=dict)
        exchange = SimpleNamespace(store=SimpleNamespace(read=read), settings=None)
        stage = SimpleNamespace(
            exchange=exchange, journal=server, diary=server, look=lambda: Sight({}, {}, {}),
            quarantined=lambda: 0, dead_items=lambda: 0,
        )  # fmt: skip

        @contextmanager
        def set_stage(*, pupils, seed):
            yield stage

        monkeypatch.setattr(story, "set_stage", set_stage)
        monkeypatch.setattr(story, "covered", lambda _settings: None)
        monkeypatch.setattr(story, "compare", lambda *_, **__: found)
        monkeypatch.setattr(story, "_CHAPTERS", chapters)
        steps = []
        return story.play(pupils=20, seed=1, tell=steps.append), steps

    return play


def test_a_story_in_which_all_is_well(told):
    """Every step is told as it is done and stands in the document with its facts."""
    document, steps = told(well)
    assert document["ok"]
    assert [step.name for step in steps] == ["well", "audit", "comparison"]
    assert document["steps"][0] == {"name": "well", "ok": True, "count": 1, "seconds": pytest.approx(0, abs=1)}
    assert {name: document[name] for name in ("journal_records", "delivered", "withheld", "lost", "duplicated")} == {
        "journal_records": 3, "delivered": 2, "withheld": 1, "lost": 0, "duplicated": 0,
    }  # fmt: skip
    assert document["audit_verified"] is True


def test_one_bad_step_makes_the_story_bad(told):
    """A single step that is not well makes the whole document so, and the story goes on."""
    document, steps = told(badly, well)
    assert document["ok"] is False
    assert [step.ok for step in steps] == [False, True, True, True]


def test_an_error_ends_the_chapters_but_not_the_proof(told):
    """After a foreseen error no further chapter is played, but audit and comparison still speak."""
    document, steps = told(broken, well)
    assert [(step.name, step.ok) for step in steps] == [
        ("half", True), ("broken", False), ("audit", True), ("comparison", True),
    ]  # fmt: skip
    assert steps[1].facts["error"] == "EJ-501"
    assert document["ok"] is False


def test_a_lost_record_makes_the_story_bad(told):
    """A record that the ED lacks is counted as lost and named by kind."""
    document, steps = told(well, found=LOST)
    assert (document["ok"], document["lost"]) == (False, 1)
    assert steps[-1].facts["by_kind"] == {"missing": {"mark": 1}}


@pytest.mark.parametrize("events", [[], chain()[1:]], ids=["empty", "beheaded"])
def test_an_audit_that_does_not_verify_is_noticed(told, events):
    """A chain without entries, or one that lost its first, is not verified."""
    document, _ = told(well, audit=events)
    assert (document["ok"], document["audit_verified"]) == (False, False)


def test_too_small_a_school_is_refused():
    """A school in which not every scene could be played is refused at once."""
    with pytest.raises(ValueError, match="20"):
        story.play(pupils=story.LEAST_PUPILS - 1, tell=lambda _step: None)
