"""`source drift`: what the journal's answers hold and nobody knows."""

import pytest

from ejsync.cli.drift_verb import what
from ejsync.domain.standing import ELSEWHERE
from ejsync.wording import use_language
from tests.doubles.world import World

PLACE = "students.*.lessons.*.marks.*"


@pytest.fixture
def drifted(home):
    """A store in which two pages have drifted, an hour before midnight in London and on the next day in Moscow."""
    world = World(home / "state")
    first = world.clock.now().replace(year=2026, month=11, day=16, hour=23)
    with world.store.begin("school-7") as tx:
        tx.drift.note("getmarks", {(f"{PLACE}.rubric", "key:number"): 20, ELSEWHERE: 3}, first)
        tx.drift.note("getmarks", {(f"{PLACE}.value", "string→object"): 1}, first.replace(day=18))
    world.close()
    return first


def test_findings_are_listed_with_count_and_days(drifted, run):
    """Place, what stood there, how often, first and last day by the school's clock; then what to do."""
    text = run("source", "drift").stdout
    assert "School school-7" in text
    rows = [line.split("  ") for line in text.splitlines() if line.startswith("getmarks")]
    assert any("rubric" in "".join(row) and "17.11.2026" in "".join(row) for row in rows)
    assert "new key: a number" in text
    assert "new type: an object" in text
    assert "19.11.2026" in text
    assert "Nothing is lost" in text
    assert text.splitlines()[-1] == "→ ejsync source drift --json"


def test_the_next_command_names_the_settings_file(drifted, run):
    """With --config it can be typed as it stands."""
    last = run("source", "drift", "--config", "ejsync.toml").stdout.splitlines()[-1]
    assert last == "→ ejsync --config ejsync.toml source drift --json"


def test_json_holds_the_same(drifted, ask):
    """One object a finding, with instants."""
    found = ask("source", "drift", "--school", "school-7")["drift"]
    assert [row["count"] for row in found] == [20, 1, 3]
    at = f"{drifted:%Y-%m-%dT%H:%M:%S}Z"
    assert found[0] == {
        "school": "school-7",
        "method": "getmarks",
        "place": f"{PLACE}.rubric",
        "found": "key:number",
        "count": 20,
        "first_seen_at": at,
        "last_seen_at": at,
    }


def test_nothing_is_said_in_words(home, run, ask):
    """Without drift there is a sentence and no table; JSON holds an empty list."""
    assert run("source", "drift").stdout == (
        "Nothing so far: no answer held a key or a type that ejsync does not know.\n"
    )
    assert ask("source", "drift") == {"drift": []}


def test_an_unknown_school_is_named(home, run):
    """EJ-802, like everywhere."""
    assert "EJ-802" in run("source", "drift", "--school", "nowhere").stderr


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("key:string", "new key: text"),
        ("key:null", "new key: nothing"),
        ("string|number→boolean", "new type: yes or no"),
        ("empty→array", "new type: a list"),
        ("…", "…"),
    ],
)
def test_findings_in_words(found, words):
    """Every finding has words for people; what is counted together stays as it is."""
    use_language("en")
    assert what(found) == words
