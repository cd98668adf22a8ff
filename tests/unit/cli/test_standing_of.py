"""How a school stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ejsync.cli.desk import Desk
from ejsync.cli.standing_of import school_standing
from ejsync.domain.batches import BatchState
from ejsync.domain.breaker import Breaker, BreakerState
from ejsync.domain.comparing import Comparison
from ejsync.domain.delays import Moments
from ejsync.domain.reads import Order
from ejsync.domain.records import Feed, Kind
from ejsync.domain.standing import BatchRow
from ejsync.domain.windows import Days


def test_everything_that_waits_is_counted(lived):
    """Held, dead, quarantined and withheld records each have their number, and nothing is counted twice."""
    with Desk().exchange() as exchange:
        found = school_standing(exchange, exchange.schools["school-7"])
    (sink,) = found["sinks"]
    assert (found["held_batches"], sink["held"], sink["waiting"]) == ([lived.held_batch], 10, 0)
    assert (found["dead_letters"], found["quarantined"]) == (1, 1)
    assert found["withheld"] == {"records": 1, "pupils": 1}
    assert sink["open_batches"] == 0
    assert ([row["refused"] for row in sink["undelivered"]], sink["waits_s"]) == ([1], None)
    assert (sink["breaker"], sink["comparison"]) == (None, None)
    assert found["ordered"] == []


def test_rights_that_went_and_orders_are_told(lived):
    """What was read before and nobody may read now is counted by feed; an order stands with its days."""
    days, at = Days(date(2026, 9, 1), date(2026, 9, 30)), datetime(2026, 11, 16, 8, tzinfo=UTC)
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        with wiring.store.begin(wiring.school) as tx:
            tx.readings.order(Order(Feed.MARKS, days, at))
            tx.marks.save_feed(replace(tx.marks.feed(Feed.MARKS), counts={"lost": 3}))
        found = school_standing(exchange, wiring)
    assert found["ordered"] == [{"feed": "marks", "from": days.first, "to": days.last}]
    assert {feed["feed"]: feed["lost"] for feed in found["feeds"] if feed["lost"]} == {"marks": 3}


def test_a_feed_that_was_never_read_has_no_age(lived):
    """Read feeds have an age, the others none."""
    with Desk().exchange() as exchange:
        feeds = school_standing(exchange, exchange.schools["school-7"])["feeds"]
    ages = {feed["feed"]: feed["age_s"] is not None for feed in feeds}
    assert ages == dict.fromkeys(ages, False) | {"roster": True, "timetable": True, "marks": True}


def test_final_results_have_their_clock(lived):
    """How many are owed, how many of them are held or late, since when, until when, how long still: or nothing."""
    seen = datetime.now(UTC) - timedelta(hours=30)
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        (sink,) = school_standing(exchange, wiring)["sinks"]
        with wiring.store.begin(wiring.school) as tx:
            tx.owed.begin("ed", [(Kind.FINAL_MARK, "a", 1)], seen)
        (later,) = school_standing(exchange, wiring)["sinks"]
    clock = later["final_results"]
    assert sink["final_results"] == {
        "waiting": 0, "held": 0, "late": 0, "since": None, "due_at": None, "left_s": None, "urgency": "in_time",
    }  # fmt: skip
    assert (clock["waiting"], clock["held"], clock["late"], clock["urgency"]) == (1, 0, 1, "late")
    assert (clock["since"], clock["due_at"]) == (seen, seen + timedelta(hours=24))
    assert -6 * 3600 - 60 < clock["left_s"] <= -6 * 3600


def test_delays_are_told_by_feed_for_the_week_and_for_today(lived):
    """Seven days and today count, older ones do not; today stands alone too; each sink has its own."""
    now = datetime.now(UTC)
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        with wiring.store.begin(wiring.school) as tx:
            for days, seconds in ((0, 10), (7, 1000), (8, 90_000)):
                at = now - timedelta(days=days)
                moments = Moments(at - timedelta(seconds=seconds), at - timedelta(seconds=2 * seconds))
                tx.delays.note("ed", [(Kind.HOMEWORK, moments)], at, wiring.zone)
        found = school_standing(exchange, wiring)
    [feed] = [feed for feed in found["feeds"] if feed["feed"] == "homework"]
    week, today = feed["delay_7_days"], feed["delay_today"]
    assert (week["delivered"], week["worst_s"], today["delivered"], today["worst_s"]) == (2, 1000, 1, 10)
    assert 1900 <= week["p95_at_most_s"] <= 2100
    assert found["sinks"][0]["delays_7_days"]["homework"] == week


def test_a_host_that_is_away_and_the_last_comparison_are_told(lived, monkeypatch):
    """A host that is away stands with its sink, beside the last comparison; hosts of others and well ones do not."""
    at = datetime.now(UTC) - timedelta(hours=2)
    away = Breaker("ed", "https://ed.example", at, BreakerState.OPEN, 7, at + timedelta(hours=3), "EJ-401")
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        with wiring.store.begin(wiring.school) as tx:
            tx.breakers.save(away)
            tx.comparisons.save(Comparison("ed", at, "sample", {"missing": 3}))
        (other,) = school_standing(exchange, wiring)["sinks"]
        monkeypatch.setattr(type(wiring.sinks["ed"]), "host", away.host)
        (sink,) = school_standing(exchange, wiring)["sinks"]
        with wiring.store.begin(wiring.school) as tx:
            tx.breakers.save(replace(away, state=BreakerState.CLOSED))
        (well,) = school_standing(exchange, wiring)["sinks"]
    assert (other["breaker"], well["breaker"]) == (None, None)
    told = sink["breaker"]
    assert (told["host"], told["since"], told["error"]) == ("https://ed.example", at, "EJ-401")
    assert told["next_probe"] == at + timedelta(hours=3)
    assert 7200 <= told["age_s"] < 7300
    assert (sink["comparison"]["counts"], sink["comparison"]["at"]) == ({"missing": 3}, at)


def test_every_open_batch_is_counted(lived):
    """A replay of more than a thousand batches is told whole."""
    with Desk().exchange() as exchange:
        wiring = exchange.schools["school-7"]
        at = wiring.clock.now()
        with wiring.store.begin(wiring.school) as tx:
            for number in range(1001):
                row = BatchRow(f"b{number}", wiring.school, "ed", BatchState.PENDING, f"k{number}", "replay", at, at)
                tx.batches.add(row, (), b"x", "identity")
        (sink,) = school_standing(exchange, wiring)["sinks"]
    assert sink["open_batches"] == 1001
