"""Whatever comes from outside ends in values or in an error of ours, in bounded work, and is never repeated."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ejsync.errors import BadInput, SourceError
from tests.fuzz.__main__ import main
from tests.fuzz.mutation import CANARY
from tests.fuzz.running import Target, run
from tests.fuzz.targets import ROOMS, target

FAST, SLOW, SEED = 150, 10_000, "1"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ROOMS)
def test_a_few_hundred_inputs_end_well(name, tally):
    """The extremes and some mutants: values or errors of the right family that repeat nothing."""
    findings = run(target(name), SEED, len(target(name).extremes) + FAST)
    tally.append(findings.line())
    assert findings.found == {}


@pytest.mark.parametrize("name", ROOMS)
def test_some_inputs_are_good(name):
    """Fuzzing that only ever meets the first check proves little: enough mutants get through to values."""
    findings = run(target(name), SEED, FAST, first=len(target(name).extremes))
    assert findings.outcomes["values"] > FAST // 25
    assert len(findings.outcomes) > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ROOMS)
def test_tens_of_thousands_of_inputs_end_well(name, tally):
    """The same at length, in a process whose memory has an end."""
    command = [sys.executable, "-m", "tests.fuzz", name, SEED, str(SLOW)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    line, told = done.stdout.splitlines()
    tally.append(line)
    assert json.loads(told)["executions"] == SLOW


def _reader(execute):
    return Target("planted", (BadInput,), (), lambda rng: rng.randrange(100), execute)


def _of_another_family(_):
    raise SourceError


def _stumbles(made):
    return str(1 // (made // 50))


def _repeats_it(made):
    raise BadInput(what=f"{CANARY} {made}", faults=())


def _for_ever(made):
    while True:
        pass


@pytest.mark.parametrize(
    ("execute", "finding"),
    [
        (_of_another_family, "an error of another family: SourceError"),
        (_stumbles, "ZeroDivisionError at test_fuzzing.py:_stumbles"),
        (_repeats_it, "BadInput repeats the input"),
        (lambda _: CANARY, "values repeats the input"),
        (_for_ever, "EndlessError at test_fuzzing.py:_for_ever"),
    ],
)
def test_the_search_finds_what_is_planted(monkeypatch, execute, finding):
    """A stranger's error, a stumble, a repeated input, work without an end: each is one finding with its replay."""
    if execute is _for_ever:
        monkeypatch.setattr("tests.fuzz.running._CPU_S", 0.2)
    findings = run(_reader(execute), SEED, 1 if execute is _for_ever else 8)
    assert list(findings.found) == [finding]
    assert findings.found[finding].startswith("python -m tests.fuzz planted 1:")


def test_what_is_logged_is_searched_too():
    """A line of a logger that repeats the input is a finding."""

    def execute(_):
        import structlog

        structlog.get_logger("ejsync.daemon").warning(CANARY)
        return ""

    assert list(run(_reader(execute), SEED, 3).found) == ["the log repeats the input"]


@pytest.mark.slow
def test_the_same_seed_makes_the_same_inputs():
    """A finding is replayed by target, seed and number, in any process."""
    command = [sys.executable, "-m", "tests.fuzz", "diary", "7:999"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    once, again = (
        subprocess.run(command, cwd=ROOT, env={**environment, "PYTHONHASHSEED": seed}, capture_output=True, check=False)
        for seed in ("1", "2")
    )
    assert once.stdout == again.stdout
    assert b"Told(" in once.stdout


def test_an_unknown_target_is_told(capsys):
    """Without a target the usage stands on stderr."""
    assert main(["nothing"]) == 2
    assert "targets: journal" in capsys.readouterr().err
