"""Mutated answers of every method: no crash, no hang, and no conclusion from nonsense.

What is proven, for answers that keep the contract of the source (others never reach the mapping):

* a reading never speaks of anyone, of any day or of any kind that was not asked for, whatever comes;
* an answer of which parts are taken away is believed about nothing that the whole answer was not believed about;
* an answer in which plain values turn into nonsense, all rows still in place, declares nothing gone: where a row's
  place cannot be read, its owner is not spoken about;
* an answer made of anything at all is believed about nobody and no day that it does not name.
"""

import json
from datetime import timedelta
from functools import cache
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.errors import SourceError
from ejsync.sandbox.quirks import ALL
from ejsync.sources.eljur.client.envelope import NoAnswerError, open_envelope
from ejsync.sources.eljur.client.strangers import refuse_strangers
from ejsync.sources.eljur.mapping import read
from ejsync.transport import Answer
from tests.doubles.journal import CONTRACTS, WAYS, PaperJournal, page

SCHOOLS = range(1, 5)
SEEDS = st.integers(0, 2**32 - 1)
FUZZ = settings(derandomize=True, deadline=timedelta(seconds=5), max_examples=60, database=None)
DEEP = [[]]
for _ in range(500):
    DEEP = [DEEP]
# Never a text, a number or nothing: no id, name, day or value can be meant by these.
NO_VALUE = (True, False, {"x": 1}, {"name": {"name": "1001"}}, [1, 2], [[["5"]]])
NO_NUMBER = ("не число", 10**30, 1e300, "2026-13-50", "0x1F")
ANYTHING = (*NO_VALUE, *NO_NUMBER, None, "", [], {}, 0, -1, 2**64, -1e308, "1001", "x" * 9999, "&#0;&#xD800;", DEEP)
NUMERIC = {"num", "nm", "date"}


@cache
def school(seed):
    """A journal that answers plainly or, for even seeds, with every quirk."""
    return PaperJournal(seed, quirks=[] if seed % 2 else [ALL])


@cache
def answer(seed, way):
    """A window, the bytes of its answer, and what it says."""
    window = school(seed).window(way)
    result = school(seed).ask(window)
    return window, orjson.dumps(result), read(page(window, result), school(seed).roster)


def drawn(seed, way):
    """One of the answers, fresh to be mutated, and the chance that mutates it."""
    chance = Random(seed)
    window, body, plain = answer(chance.choice(SCHOOLS), way)
    return chance, window, plain, {"result": orjson.loads(body)}


def fresh(value):
    """A copy: what is put into one answer must not be mutated there for the next."""
    return json.loads(json.dumps(value))


def places(node):
    """Every place of a tree: the container and the key or position in it."""
    for key, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(child, dict | list):
            yield from places(child)


def understood(window, tree):
    """What the client makes of a result; None where its contract refuses it, or it is about others only."""
    if CONTRACTS.faults(f"eljur/v1/{window.method}", tree["result"]):
        return None
    try:
        return read(refuse_strangers(page(window, tree["result"])), school(1).roster)
    except SourceError:
        return None


def believed(reading):
    """Every kind, owner and day that is believed to be spoken about."""
    return {
        (kind, owner, day)
        for one in reading.coverages
        if one.believable_when_empty
        for kind in one.kinds
        for owner in one.owners
        for day in _days(one.days)
    }


def _days(days):
    return [days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1)] if days else [None]


def gone(known, reading):
    """What of the known records a reading declares gone, judged as `pipeline.detect` judges it."""
    shown = {(record.kind, record.key) for record in reading.records}
    speaking = {record.owner for record in reading.records}
    return {
        (record.kind, record.key)
        for record in known
        for one in reading.coverages
        if record.kind in one.kinds
        and record.owner in one.owners
        and (one.days is None or (record.day is not None and one.days.first <= record.day <= one.days.last))
        and (one.believable_when_empty or record.owner in speaking)
    } - shown


def fenced(window, plain, reading):
    """Assert that a reading stays inside what was asked."""
    kinds = {kind for one in plain.coverages for kind in one.kinds}
    days = window.days
    spoken = {owner for one in reading.coverages for owner in one.owners}
    assert {record.owner for record in reading.records} | spoken <= set(window.owners)
    assert {record.pupil for record in reading.records if window.pupils} <= {*window.pupils, None}
    assert {record.kind for record in reading.records} | {k for one in reading.coverages for k in one.kinds} <= kinds
    dated = [record.day for record in reading.records if record.day and days]
    dated += [day for one in reading.coverages if one.days and days for day in (one.days.first, one.days.last)]
    assert all(days.first <= day <= days.last for day in dated)


def mangle(chance, tree):
    """Change one place of a tree in any way."""
    holder, key = chance.choice(list(places(tree)))
    other, place = chance.choice(list(places(tree)))
    way = chance.randrange(6)
    if way == 0 and holder is not tree:
        del holder[key]
    elif way == 1:
        holder[key], copied = orjson.loads(orjson.dumps(other[place])), holder[key]
        other[place] = copied if holder is not other else other[place]
    elif way == 2 and isinstance(holder[key], list):
        del holder[key][chance.randrange(len(holder[key]) + 1) :]
    elif way == 3:
        holder[key] = [holder[key]]
    elif way == 4 and isinstance(holder, dict) and holder is not tree:
        holder[chance.choice(["1001", "20261116", "name", "0", "days"])] = holder.pop(key)
    else:
        holder[key] = fresh(chance.choice(ANYTHING))


@pytest.mark.parametrize("way", WAYS, ids=str)
@FUZZ
@given(seed=SEEDS)
def test_whatever_comes_stays_inside_what_was_asked(way, seed):
    """A mutated answer is refused by its contract or read without an error, and never speaks of anything else."""
    chance, window, plain, tree = drawn(seed, way)
    for _ in range(chance.randint(1, 4)):
        try:
            mangle(chance, tree)
        except (TypeError, ValueError, RecursionError):  # what was mangled before cannot be copied once more
            continue
    reading = understood(window, tree)
    if reading is not None:
        fenced(window, plain, reading)
        assert len({(record.kind, record.key) for record in reading.records}) == len(reading.records)


@pytest.mark.parametrize("way", WAYS, ids=str)
@FUZZ
@given(seed=SEEDS)
def test_what_is_taken_away_is_not_believed(way, seed):
    """An answer that lost keys, rows or whole containers is believed about nothing more than the whole answer."""
    chance, window, plain, tree = drawn(seed, way)
    for _ in range(chance.randint(1, 6)):
        holder, key = chance.choice(list(places(tree)))
        if holder is not tree and chance.random() < 0.5:
            del holder[key]
        elif isinstance(holder[key], dict | list):
            holder[key] = fresh(chance.choice([[], {}, None]))
    reading = understood(window, tree)
    if reading is not None:
        fenced(window, plain, reading)
        assert believed(reading) <= believed(plain)


@pytest.mark.parametrize("way", WAYS, ids=str)
@FUZZ
@given(seed=SEEDS)
def test_nonsense_in_place_of_values_declares_nothing_gone(way, seed):
    """Where plain values turn into nonsense and every row stays, nothing that was known is taken for gone."""
    chance, window, plain, tree = drawn(seed, way)
    leaves = [(holder, key) for holder, key in places(tree) if not isinstance(holder[key], dict | list)]
    for holder, key in chance.sample(leaves, min(len(leaves), chance.randint(1, 4))):
        flags = NO_VALUE[2:] if isinstance(holder[key], bool) else NO_VALUE
        # What stands for nothing says nothing: it may not begin to speak, and an empty value is a phantom for good.
        if holder[key] not in (None, ""):
            holder[key] = fresh(chance.choice((*flags, *(NO_NUMBER if key in NUMERIC else ()))))
    reading = understood(window, tree)
    if reading is not None:
        fenced(window, plain, reading)
        assert gone(plain.records, reading) == set()


def test_a_row_that_is_left_out_is_gone():
    """The judgement used above is no blank cheque: a lesson's marks that are left out are declared gone."""
    way = next(way for way in WAYS if way.method == "getmarks")
    window, body, plain = answer(1, way)
    result = orjson.loads(body)
    student = next(student for student in result["students"].values() if any(x["marks"] for x in student["lessons"]))
    next(lesson for lesson in student["lessons"] if lesson["marks"])["marks"] = []
    assert gone(plain.records, read(page(window, result), school(1).roster))
    assert gone(plain.records, plain) == set()


WORDS = [
    "students",
    "days",
    "items",
    "lessons",
    "marks",
    "name",
    "homework",
    "files",
    "groups",
    "users",
    "periods",
    "0",
]


def trees(window):
    """JSON of any shape, in words that answers use, with the days and pupils of a window."""
    days = [f"{window.days.first:%Y%m%d}"] if window.days else []
    words = st.sampled_from([*WORDS, *window.pupils[:2], *days])
    plain = st.sampled_from([*ANYTHING[:-1]]) | words
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4), max_leaves=20
    )


@pytest.mark.parametrize("way", WAYS, ids=str)
@FUZZ
@given(data=st.data())
def test_only_what_is_named_is_believed(way, data):
    """Whatever JSON comes, nobody is believed to be spoken of whose id it lacks, and no days of which it names none."""
    window, _, plain = answer(1, way)
    tree = {"result": data.draw(trees(window))}
    reading = understood(window, tree)
    if reading is None:
        return
    fenced(window, plain, reading)
    written = repr(tree)
    for one in (one for one in reading.coverages if one.believable_when_empty):
        assert all(owner.removeprefix("pupil:") in written for owner in one.owners if owner.startswith("pupil:"))
        if one.days and window.method != "getmarks":
            assert any(f"{day:%Y%m%d}" in written for day in _days(one.days))


@pytest.mark.parametrize("way", WAYS, ids=str)
@FUZZ
@given(seed=SEEDS)
def test_damaged_bytes_are_no_answer_or_one(way, seed):
    """Bytes cut, turned, repeated or put in are refused as no answer, or are an answer like any other."""
    chance = Random(seed)
    window, body, plain = answer(chance.choice(SCHOOLS), way)
    sent = bytearray(b'{"response": {"state": 200, "error": null, "result": ' + body + b"}}")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(sent) + 1)
        part = chance.choice([b"", b"\xff", b'"', b"}", b"[[[[", b"1e999", b"\\ud800", bytes(sent[at : at + 40])])
        sent[at : at + chance.choice([0, 1, 40, len(sent)])] = part
    try:
        reply = open_envelope(Answer(200, {}, bytes(sent)), "school.invalid")
    except NoAnswerError:
        return
    reading = understood(window, {"result": reply.result})
    if reading is not None:
        fenced(window, plain, reading)
