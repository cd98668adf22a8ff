"""What has left of one pupil."""

import json

import pytest

from ejsync.domain.records import Feed
from ejsync.pipeline.replay import replay
from tests.doubles import records
from tests.doubles.world import World


@pytest.fixture
def story(lived, ask):
    """The story of the pupil of the lived school."""
    (told,) = ask("audit", "show", "--pupil", lived.pupil)["schools"]
    return told


def test_a_pupils_story_says_what_when_and_on_what_ground(story, lived, run):
    """Consent, sending and answer stand in their order, with kinds, sink and the family's document."""
    assert [deed["what"] for deed in story["deeds"]] == ["registered", "began", "sent"]
    sent = story["deeds"][-1]
    assert (sent["records"], sent["sink"], sent["documents"]) == ({"pupil": 1, "mark": 2}, "ed", ["1-К"])
    assert sent["outcome"] == {"delivered": 2, "rejected": 1}
    shown = run("audit", "show", "--pupil", lived.pupil).stdout
    assert "document 1-К, from 01.09.2026" in shown
    assert "3 sent, of them 2 taken and 1 rejected" in shown


def test_another_pupils_lines_are_not_handed_out(home, ask):
    """Neither the story nor its entries hold another pupil's pseudonym."""
    world = World(home / "state")
    world.read(records.roster(records.school_class(), records.pupil("1001"), records.pupil("1002")), feed=Feed.ROSTER)
    world.consent("1001", "1002")
    world.deliver()
    world.close()
    told = json.dumps(ask("audit", "show", "--pupil", "1001"))
    assert world.wiring.keyring.pseudonym("1001") in told
    assert world.wiring.keyring.pseudonym("1002") not in told


def test_a_withdrawal_and_what_is_called_back_are_told(home, ask, run):
    """After a withdrawal the story ends with what was called back, and the totals count it."""
    world = World(home / "state")
    world.read(records.roster(records.school_class(), records.pupil("1001")), feed=Feed.ROSTER)
    world.consent("1001")
    world.deliver()
    world.withdraw("1001")
    world.deliver()
    world.close()
    (told,) = ask("audit", "show", "--pupil", "1001")["schools"]
    whats = [deed["what"] for deed in told["deeds"]]
    assert (whats[:3], sorted(whats[3:])) == (["registered", "began", "sent"], ["ended", "retracted", "withdrawn"])
    assert told["totals"]["ed"]["retracted, delivered"] == 1
    assert "1 called back" in run("audit", "show", "--pupil", "1001").stdout


def test_a_pupil_of_whom_nothing_left_is_an_answer_too(lived, run):
    """Where the log knows nothing of a pupil that is said, and it is no error."""
    result = run("audit", "show", "--pupil", "9999")
    assert (result.exit_code, "Nothing has left." in result.stdout) == (0, True)


def test_paper_that_was_made_of_a_pupil_is_told_with_its_form(home, ask, run):
    """Alone or among others of his class: when, of which class and period, how many pages; nobody else is named."""
    world = World(home / "state")
    pseudonyms = [world.wiring.keyring.pseudonym(pupil) for pupil in ("1001", "1002")]
    told = {"class": "10А", "school_year": 2026, "period": "p1", "sha256": "a" * 64}
    for pupils, pages in ((pseudonyms, 5), (pseudonyms[:1], 2), (pseudonyms[1:], 1)):
        with world.tx() as tx:
            tx.audit.append("extract.written", {**told, "pupils": pupils, "pages": pages}, world.clock.now())
    world.close()
    document = ask("audit", "show", "--pupil", "1001")
    (story,) = document["schools"]
    assert [(deed["what"], deed["extract"]) for deed in story["deeds"]] == [
        ("printed", {**told, "pupils": 2, "pages": 5}), ("printed", {**told, "pupils": 1, "pages": 2}),
    ]  # fmt: skip
    assert [event["details"]["pupils"] for event in document["events"]] == [pseudonyms[:1]] * 2
    shown = " ".join(run("audit", "show", "--pupil", "1001").stdout.split())
    assert "put on paper" in shown
    assert "Nothing has left." in shown


def test_a_replay_is_sent_on_the_consent_in_effect(home, ask):
    """What goes again out of a dead letter is told with its kinds, its answer and the family's document."""
    world = World(home / "state")
    world.read(records.roster(records.school_class(), records.pupil("1001")), feed=Feed.ROSTER)
    world.consent("1001")
    mark = records.mark()
    world.ed.reject["mark", mark.key] = "poison"
    world.read(records.marks(["1001"], mark))
    world.deliver()
    world.ed.reject.clear()
    replay(world.wiring, world.batches("partial", "dead")[0].batch)
    world.deliver()
    world.close()
    (told,) = ask("audit", "show", "--pupil", "1001")["schools"]
    last = told["deeds"][-1]
    assert (last["what"], last["records"], last["documents"]) == ("sent", {"mark": 1}, ["1-К"])
    assert last["outcome"] == {"delivered": 1}
