"""`privacy erase`: plan and outcome as people read them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ejsync.cli.erasing import Wanted, order_of, show_outcome
from ejsync.domain.erasure import Erasure, Order, Step
from ejsync.errors import Exit

AT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)


def came(step, told, **found):
    """An erasure that came so far."""
    return Erasure(1, "a" * 16, step, None, AT, AT, told, found)


def test_what_was_typed_is_the_order():
    """Pupil, reason, document and who ordered it."""
    assert order_of(Wanted("1001", "отзыв", "14", "директор")) == Order("1001", "отзыв", "14", "директор")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"answer": "confirmed"}, "confirmed the erasure"),
        ({"answer": "not_representable"}, "it got retractions"),
        ({"error": "EJ-301"}, "failed: EJ-301"),
        ({}, "still takes retractions"),
    ],
)
def test_every_answer_of_a_diary_has_its_words(world, capsys, told, sentence):
    """Confirmed, unable, failed, not asked yet."""
    assert show_outcome(world.wiring, came(Step.BEGUN, {"ed": told}), Path("acts"), as_json=False) is Exit.TEMPORARY
    assert sentence in capsys.readouterr().out


def test_copies_that_were_not_reached_are_named(world, capsys):
    """An operator destroys them by hand."""
    done = came(Step.DONE, {}, swept={"unreachable": ["old.db"]}, act={"a.pdf": "e" * 64})
    assert show_outcome(world.wiring, done, Path("acts"), as_json=False) is Exit.WELL
    shown = capsys.readouterr().out
    assert "by hand: old.db" in shown
    assert "acts/a.pdf" in shown
