"""What the diary keeps."""

import hashlib
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.sandbox.diary_items import Item, refusal
from ejsync.sandbox.diary_store import DiaryStore, Page, Submission

AT = "2026-11-16T05:30:00.000000Z"
SECRETIVE = "Невероятная оговорка"
ITEMS = st.builds(
    lambda key, version, alive: _item(key, version=version) if alive else _gone(key, version=version),
    st.sampled_from("абвг"),
    st.integers(1, 4),
    st.booleans(),
)


def _item(key: str, *, version: int = 1, pupil: str = "1001", comment: str = "") -> Item:
    return Item("mark", key, version, f"{version:032x}", {"pupil": pupil, "comment": comment})


def _gone(key: str, *, version: int) -> Item:
    return Item("mark", key, version, None, None)


def _settle(store: DiaryStore, *items: Item, key: str = "k", screen=lambda item: None) -> list[str]:
    submission = Submission("s", key, "hash", "batch", items)
    return [result["status"] for result in orjson.loads(store.settle(submission, screen=screen, at=AT))["results"]]


def test_receipt_is_kept(diary_store):
    """The receipt handed out is the one found again under its key, and under no other."""
    receipt = diary_store.settle(Submission("s", "k", "hash", "b", [_item("a")]), screen=lambda _: None, at=AT)
    assert diary_store.receipt("s", idempotency_key="k").receipt == receipt
    assert diary_store.receipt("s", idempotency_key="k").body_hash == "hash"
    assert diary_store.receipt("t", idempotency_key="k") is None


def test_failure_leaves_nothing(diary_store):
    """If settling fails half-way, neither records nor effects nor a receipt remain."""

    def screen(item):
        if item.key == "b":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        _settle(diary_store, _item("a"), _item("b"), screen=screen)
    state = diary_store.state()
    assert (state["records"], state["effects"], state["batches"]) == ([], 0, 0)


def test_later_items_see_earlier_ones(diary_store):
    """Items of one batch are judged in their order, each against what those before it left."""
    items = [_item("a", version=2), _item("a", version=1), _gone("a", version=3), _item("a", version=3)]
    assert _settle(diary_store, *items) == ["applied", "stale", "applied", "rejected"]
    assert diary_store.state()["tombstones"] == 1


def test_screened_item_tells_the_held_version(diary_store):
    """A refused item leaves the record as it is and says which version that is."""
    _settle(diary_store, _item("a"))
    submission = Submission("s", "k2", "h", "b", [_item("a", version=9)])
    receipt = orjson.loads(diary_store.settle(submission, screen=lambda _: refusal("poison"), at=AT))
    assert receipt["results"][0]["code"] == "poison"
    assert receipt["results"][0]["held_version"] == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(ITEMS, min_size=1, max_size=6), max_size=6))
def test_batches_in_any_order_never_double_or_go_back(batches):
    """Whatever is sent in whatever order, no version goes back, no effect is doubled, the greatest version wins."""
    store = DiaryStore(Path(":memory:"))
    try:
        for number, items in enumerate([*batches, *batches]):
            _settle(store, *items, key=str(number))
        state = store.state()
        sent = [item for items in batches for item in items]
        assert (state["version_regressions"], state["doubled"]) == (0, 0)
        assert len(state["records"]) + state["tombstones"] == len({item.key for item in sent})
        for record in state["records"]:
            greatest = max(item.version for item in sent if item.key == record["key"])
            assert record["version"] == greatest
    finally:
        store.close()


def test_digest_is_that_of_the_contract(diary_store):
    """The digest hashes the sorted lines of the live records and of nothing else."""
    _settle(diary_store, _item("я"), _item("b", version=3), _item("\U0001f600"), _item("\ufffd"), _item("x"))
    _settle(diary_store, _gone("x", version=2), key="k2")
    lines = [f"b\t3\t{3:032x}\n", *(f"{key}\t1\t{1:032x}\n" for key in ("я", "\ufffd", "\U0001f600"))]
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert diary_store.digest("s", kind="mark") == (4, expected)
    assert diary_store.digest("other", kind="mark") == (0, hashlib.sha256().hexdigest())


def test_pages_follow_one_another(diary_store):
    """Pages are ordered by key, begin after the given one, and can be one pupil's only."""
    _settle(diary_store, *(_item(key, pupil=pupil) for key, pupil in (("c", "1"), ("a", "1"), ("b", "2"))))
    keys = [record["key"] for record in diary_store.records("s", page=Page("mark", "a", 9))]
    assert keys == ["b", "c"]
    assert len(diary_store.records("s", page=Page("mark", "", 1))) == 1
    mine = diary_store.records("s", page=Page("mark", "", 9, "1"))
    assert [record["key"] for record in mine] == ["a", "c"]


def test_erased_data_is_in_no_byte_of_the_files(tmp_path):
    """After an erasure neither the database nor its log holds the pupil's text, id or keys."""
    store = DiaryStore(tmp_path / "diary.db")
    try:
        _settle(store, _item("k-4711-x", pupil="p4711", comment=SECRETIVE), _item("k-other", pupil="1002"))
        assert store.erase("s", pupil="p4711") == 1
        assert store.erase("s", pupil="p4711") == 0
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    finally:
        store.close()
    assert b"k-other" in content
    assert SECRETIVE.encode() not in content
    assert b"4711" not in content


def test_erased_key_keeps_its_version(diary_store):
    """What comes late cannot bring erased data back; only a new version can."""
    _settle(diary_store, _item("a", version=5))
    diary_store.erase("s", pupil="1001")
    late = [_item("a", version=4), _item("a", version=5), _gone("a", version=5), _item("a", version=6)]
    assert _settle(diary_store, *late, key="k2") == ["stale", "rejected", "unchanged", "applied"]


def test_hashes_need_the_file(tmp_path):
    """A key's hash is the same whenever the file is opened and differs from file to file."""
    hashes = []
    for name in ("one.db", "one.db", "two.db"):
        store = DiaryStore(tmp_path / name)
        hashes.append(store.hash_of(b"mark", b"a"))
        store.close()
    assert hashes[0] == hashes[1] != hashes[2]


def test_replays_are_counted(diary_store):
    """A receipt handed out again is counted."""
    diary_store.note_replay()
    assert diary_store.state()["replayed"] == 1


def test_a_restore_brings_back_what_was_copied_aside(diary_store):
    """Records, versions, receipts and counts are as they were; what came after the copy is forgotten."""
    _settle(diary_store, _item("a"), key="k1")
    diary_store.snapshot()
    before = orjson.dumps(diary_store.state())
    _settle(diary_store, _item("a", version=2), _item("b"), key="k2")
    diary_store.restore()
    assert orjson.dumps(diary_store.state()) == before
    assert diary_store.receipt("s", idempotency_key="k1") is not None
    assert diary_store.receipt("s", idempotency_key="k2") is None
    assert _settle(diary_store, _item("a", version=2), key="k2") == ["applied"]


def test_a_copy_may_be_put_back_more_than_once(diary_store):
    """The copy stays what it was, and a newer copy takes its place."""
    _settle(diary_store, _item("a"))
    diary_store.snapshot()
    for number in range(3):
        _settle(diary_store, _item("b"), key=f"k{number}")
        diary_store.restore()
        assert [row["key"] for row in diary_store.state()["records"]] == ["a"]
    _settle(diary_store, _item("c"), key="k9")
    diary_store.snapshot()
    diary_store.restore()
    assert [row["key"] for row in diary_store.state()["records"]] == ["a", "c"]


def test_without_a_copy_nothing_is_restored(diary_store):
    """Who asks for a copy that was never made loses nothing."""
    _settle(diary_store, _item("a"))
    with pytest.raises(FileNotFoundError):
        diary_store.restore()
    assert len(diary_store.state()["records"]) == 1
