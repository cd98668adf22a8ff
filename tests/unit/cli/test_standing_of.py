"""How a school stands."""

from ejsync.cli.desk import Desk
from ejsync.cli.standing_of import school_standing


def test_everything_that_waits_is_counted(lived):
    """Held, dead, quarantined and withheld records each have their number, and nothing is counted twice."""
    with Desk().exchange() as exchange:
        found = school_standing(exchange, exchange.schools["school-7"])
    (sink,) = found["sinks"]
    assert (found["held_batches"], sink["held"], sink["waiting"]) == ([lived.held_batch], 5, 0)
    assert (found["dead_letters"], found["quarantined"]) == (1, 1)
    assert found["withheld"] == {"records": 1, "pupils": 1}
    assert sink["open_batches"] == 0
    assert sink["waits_s"] is None


def test_a_feed_that_was_never_read_has_no_age(lived):
    """Read feeds have an age, the others none."""
    with Desk().exchange() as exchange:
        feeds = school_standing(exchange, exchange.schools["school-7"])["feeds"]
    ages = {feed["feed"]: feed["age_s"] is not None for feed in feeds}
    assert ages == dict.fromkeys(ages, False) | {"roster": True, "timetable": True, "marks": True}
