"""`batches diff`: what was carried, what is known, what the diary holds; versions only."""

import pytest

from ejsync.domain.consent import Decision
from tests.doubles.records import mark, marks
from tests.doubles.world import World


@pytest.fixture
def compared(lived, ask):
    """Change something in the school, then compare the batch with the dead letter by its items' places."""

    def go(*changes):
        world = World(lived.home / "state", seed=1)
        for change in changes:
            change(world)
        world.close()
        items = ask("batches", "diff", lived.dead_batch[:8])["items"]
        return {item["key"].rpartition("/")[2]: item for item in items if item["kind"] == "mark"}

    return go


def test_what_stands_as_it_was_sent_is_unchanged(compared):
    """The diary holds this version of what it took, and nothing of what it refused."""
    items = compared()
    assert [(one["now"], one["at_sink"], one["same_content"]) for one in items.values()] == [
        ("unchanged", "this version", True),
        ("unchanged", "nothing", False),
    ]


def test_what_was_edited_or_taken_away_since_is_told(compared):
    """A newer version supersedes, a retraction leaves it gone; the diary follows, or is behind."""
    items = compared(lambda world: world.read(marks(["1001"], mark(raw="2"))))
    assert (items["0"]["now"], items["0"]["version"], items["0"]["known_version"]) == ("superseded", 1, 2)
    assert items["1"]["now"] == "gone"
    assert items["0"]["at_sink"] == "this version"
    assert compared(lambda world: world.deliver())["0"]["at_sink"] == "a newer version"


def test_the_end_of_a_consent_is_told(compared):
    """What may not leave any more says so first of all."""
    items = compared(lambda world: world.consent("1001", decision=Decision.REFUSED))
    assert {one["now"] for one in items.values()} == {"consent ended"}


def test_what_waits_for_approval_is_compared_too(lived, ask, run):
    """A held batch carries nothing yet: its retractions stand against what the diary holds."""
    told = ask("batches", "diff", lived.held_batch)
    lessons = [one for one in told["items"] if one["kind"] == "lesson"]
    assert [(one["op"], one["now"], one["at_sink"]) for one in lessons] == [
        ("retract", "unchanged", "an older version")
    ] * 5
    assert "an older version" in run("batches", "diff", lived.held_batch).stdout


def test_nothing_personal_is_shown(lived, run):
    """Neither content nor fingerprints."""
    text = run("batches", "diff", lived.dead_batch).stdout + run("batches", "diff", lived.dead_batch, "--json").stdout
    assert "Алгебра" not in text
    assert "fingerprint" not in text
