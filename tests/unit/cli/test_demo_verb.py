"""`demo`: the story told."""

import json

import pytest

from ejsync.sandbox import story

TOTALS = {"journal_records": 10, "delivered": 8, "withheld": 2, "quarantined": 0, "dead": 0, "lost": 0, "duplicated": 0}


@pytest.fixture
def play(monkeypatch):
    """Let a story of one step be played."""

    def stage(*, ok):
        step = story.Step("audit", ok, "The chain verifies.", {"entries": 3})

        def played(*, pupils, seed, tell):
            del pupils, seed
            tell(step)
            return {"ok": ok, "steps": [{"name": "audit", "ok": ok}], **TOTALS, "audit_verified": ok, "seconds": 1.0}

        monkeypatch.setattr(story, "play", played)

    return stage


def test_a_person_sees_the_story(run, play):
    """Each step's sentence, then the totals; exit 0."""
    play(ok=True)
    result = run("demo", "--pupils", "30")
    assert result.exit_code == 0
    assert "The chain verifies." in result.stdout
    assert "Delivered to the diary" in result.stdout


def test_a_story_gone_wrong_says_which_step(run, play):
    """Exit 3, and the step that failed is named."""
    play(ok=False)
    result = run("demo")
    assert result.exit_code == 3
    assert "audit" in result.stdout.splitlines()[-1]


def test_json_is_the_returned_document(run, play):
    """One document and nothing of the narration."""
    play(ok=True)
    assert json.loads(run("demo", "--json").stdout)["delivered"] == 8
