"""The ordinary chapters: each says no when the ED is not as it must be."""

from collections import Counter
from random import Random

import pytest

from ejsync.sandbox import chapters
from ejsync.sandbox.cast import Cast
from ejsync.sandbox.stage import Round, Sight

MARK = {"op": "mark_changed", "pupil": "1", "lesson_id": "77", "date": "2026-11-16", "nm": 0, "value": "4"}
TASK = {"op": "homework_changed", "class": "10А", "date": "2026-11-23", "subject": "ОБ  &amp; ЗР", "grp": None}


class Stage:
    """A stage whose looks are written beforehand."""

    def __init__(self, *looks, applied=0):
        self._looks = list(looks)
        self.wiring = None
        self.exchange = None
        self._done = Round(answers=Counter({"applied": applied} if applied else {}))

    def look(self):
        """The next look."""
        return self._looks.pop(0)

    def cycle(self, *feeds):
        """One round."""
        return self._done

    deliver = cycle


def sight(*names, version=1, **counts):
    """A look at an ED that holds these marks of pupil 1."""
    return Sight({("mark", name): version for name in names}, {("mark", name): "1" for name in names}, counts)


def tale(before, *looks, applied=0):
    """A tale in the middle."""
    cast = Cast({"1", "2"}, [], [])
    cast.withdrawn = "1"
    return chapters.Tale(Stage(*looks, applied=applied), Random(1), cast, before)


def only(steps):
    """The one step of a chapter."""
    (step,) = steps
    return step


def test_silence_is_well():
    """A second sync after which the ED is as before is well."""
    assert only(chapters.nothing_changed(tale(sight("a", applied=1), sight("a", applied=1)))).ok


@pytest.mark.parametrize("after", [sight("a", applied=2), sight("a", "b", applied=1), sight("a", version=2, applied=1)])
def test_anything_sent_for_nothing_is_noticed(after):
    """A record, a version or an effect more at the ED makes the second sync a failure."""
    assert not only(chapters.nothing_changed(tale(sight("a", applied=1), after))).ok


@pytest.mark.parametrize(("left", "well"), [((), True), (("b",), False)])
def test_nothing_of_a_withdrawn_pupil_may_stay(monkeypatch, left, well):
    """A withdrawal is well only if every record of the pupil left the ED."""
    monkeypatch.setattr(chapters, "withdraw", lambda _wiring, _pupil: 1)
    step = only(chapters.consent_withdrawn(tale(sight("a", "b"), sight(*left), applied=2)))
    assert (step.ok, step.facts["left"]) == (well, len(left))


def test_a_withdrawal_that_takes_nothing_proves_nothing(monkeypatch):
    """If the ED held nothing of the pupil beforehand the chapter says no."""
    monkeypatch.setattr(chapters, "withdraw", lambda _wiring, _pupil: 1)
    assert not only(chapters.consent_withdrawn(tale(sight(), sight()))).ok


def test_edits_name_the_changes_they_make():
    """Each edit the journal has made is the change of one key."""
    lesson = {"op": "lesson_replaced", "class": "10А", "date": "2026-11-23", "num": "2", "grp": "И1"}
    assert chapters._change(MARK) == [("upsert", "mark", "1/77/2026-11-16/0")]
    assert chapters._change({**MARK, "op": "mark_removed"}) == [("retract", "mark", "1/77/2026-11-16/0")]
    assert chapters._change({**TASK, "index": "1"}) == [("upsert", "homework", "10А/2026-11-23/ОБ & ЗР/-/1")]
    assert chapters._change(lesson) == [
        ("upsert", "lesson", "10А/2026-11-23/2/И1"),
        ("upsert", "lesson_change", "10А/2026-11-23/2/И1"),
    ]
    assert chapters._change({"op": "pupil_left", "pupil": "1"}) == []


def test_the_story_opens_with_a_look():
    """The tale begins with what the ED holds at the start."""
    assert chapters.begin(Stage(sight("a")), Random(1)).sight == sight("a")
