"""The version rule of the reference ED."""

from hypothesis import given
from hypothesis import strategies as st

from ejsync.sandbox.diary_items import Held, Item, Verdict, judge, refusal

FINGERPRINTS = st.sampled_from(["a" * 32, "b" * 32, None])
VERSIONS = st.integers(min_value=1, max_value=5)
ITEMS = st.builds(
    lambda version, fingerprint: Item("mark", "k", version, fingerprint, {} if fingerprint else None),
    VERSIONS,
    FINGERPRINTS,
)


@given(ITEMS, st.none() | st.builds(Held, VERSIONS, FINGERPRINTS))
def test_verdict_follows_from_versions_and_fingerprints(item, held):
    """Greater is applied, less is stale, equal is unchanged or a conflict, and nothing else can happen."""
    verdict = judge(item, held=held)
    if held is None or item.version > held.version:
        assert verdict == Verdict("applied", item.version)
    elif item.version < held.version:
        assert verdict == Verdict("stale", held.version)
    elif item.fingerprint == held.fingerprint:
        assert verdict == Verdict("unchanged", held.version)
    else:
        assert verdict == Verdict("rejected", held.version, "version_conflict")


@given(st.lists(ITEMS, max_size=20), st.randoms())
def test_order_and_repetition_do_not_matter_to_the_version(items, random):
    """However items come, doubled and shuffled, a version never goes back and the greatest wins."""
    sent = [*items, *items]
    random.shuffle(sent)
    held, applied = None, []
    for item in sent:
        verdict = judge(item, held=held)
        assert held is None or verdict.held_version >= held.version
        if verdict.status == "applied":
            applied.append(item.version)
            held = Held(item.version, item.fingerprint)
    assert applied == sorted(set(applied))
    assert (held.version if held else None) == max((item.version for item in items), default=None)


def test_the_same_retraction_twice_is_unchanged():
    """A tombstone and a retraction of the same version agree: neither has a fingerprint."""
    assert judge(Item("mark", "k", 2, None, None), held=Held(2, None)).status == "unchanged"


def test_item_reads_integral_floats_as_integers():
    """JSON Schema lets 2.0 pass for an integer; the item's version is the integer 2."""
    document = {"kind": "mark", "key": "k", "version": 2.0, "fingerprint": None, "data": None}
    version = Item.from_document(document).version
    assert (version, type(version)) == (2, int)


def test_item_knows_whose_data_it_holds():
    """The pupil is read from the data, and is nobody for a retraction or a class-wide record."""
    assert Item("mark", "k", 1, "f", {"pupil": "1001"}).pupil == "1001"
    assert Item("homework", "k", 1, "f", {"pupil": None}).pupil is None
    assert Item("mark", "k", 1, None, None).pupil is None


def test_refusal_tells_what_is_held():
    """A refused item is answered with code, pointer and the version that stays in force."""
    result = refusal("contract", pointer="/raw", held=Held(4, "f")).as_result(7)
    assert result == {
        "position": 7,
        "status": "rejected",
        "code": "contract",
        "pointer": "/raw",
        "held_version": 4,
    }
