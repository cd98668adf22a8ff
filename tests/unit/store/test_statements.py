"""Statements that every table family needs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ejsync.domain.records import Kind
from ejsync.store.statements import IN_CHUNK, chunked, keys_by_kind, merge_into, table_of, upsert_into
from ejsync.store.tables import FeedRow, SinkRow

ROW = {"school": "s", "sink": "ed", "retry_at": None, "failures": 1, "error": "a", "delivered_at": None}


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers()), st.integers(1, 7))
def test_chunks_are_the_whole_in_order(values, size):
    """Chunks are short enough, never empty, and together everything in its order."""
    chunks = list(chunked(values, size))
    assert [value for chunk in chunks for value in chunk] == values
    assert all(0 < len(chunk) <= size for chunk in chunks)


def test_keys_are_grouped_by_kind_in_short_lists():
    """Every key comes once, under its kind, in lists that one statement takes."""
    keys = [(kind, str(number)) for number in range(IN_CHUNK + 1) for kind in (Kind.MARK, Kind.LESSON)]
    groups = list(keys_by_kind(keys))
    assert [(kind, len(chunk)) for kind, chunk in groups] == [
        ("mark", IN_CHUNK), ("mark", 1), ("lesson", IN_CHUNK), ("lesson", 1),
    ]  # fmt: skip


def row_after(world, *rows, **options):
    """What stands in the table after some upserts."""
    with world.tx() as tx:
        connection = tx.records.connection
        for row in rows:
            upsert_into(connection, table_of(SinkRow), [row], key=("school", "sink"), **options)
        return connection.exec_driver_sql("SELECT failures, error FROM sink_mark").one()


def test_an_existing_row_is_overwritten_but_for_what_is_kept(world):
    """Where the key exists every given column is overwritten, except those to keep."""
    assert row_after(world, ROW, {**ROW, "failures": 2, "error": "b"}, keep=("error",)) == (2, "a")


def test_an_older_row_overwrites_nothing(world):
    """With a column that says which is newest, a smaller one changes nothing and an equal one does."""
    older, equal = {**ROW, "failures": 0, "error": "old"}, {**ROW, "error": "equal"}
    assert row_after(world, ROW, older, newest="failures") == (1, "a")
    assert row_after(world, ROW, equal, newest="failures") == (1, "equal")


def test_no_rows_are_no_statement(world):
    """Nothing to write is not an error."""
    with world.tx() as tx:
        upsert_into(tx.records.connection, table_of(FeedRow), [], key=("school", "feed"))


def test_where_every_other_column_is_kept_a_known_row_is_left_alone(world):
    """Nothing to overwrite is no mistake: the row stays as it was first."""
    kept = ("retry_at", "failures", "error", "delivered_at")
    assert row_after(world, ROW, {**ROW, "failures": 2, "error": "b"}, keep=kept) == (1, "a")


def test_a_row_that_is_known_can_be_merged_with_the_new_one(world):
    """Where the key exists the chosen columns take what was chosen, the others the new value; no rows do nothing."""
    table = table_of(SinkRow)

    def merge(*rows):
        with world.tx() as tx:
            adding = {"key": ("school", "sink"), "choosing": lambda new: {"failures": table.c.failures + new.failures}}
            merge_into(tx.records.connection, table, rows, **adding)
            return tx.records.connection.exec_driver_sql("SELECT failures, error FROM sink_mark").all()

    assert merge() == []
    assert merge(ROW) == [(1, "a")]
    assert merge({**ROW, "failures": 2, "error": "b"}, {**ROW, "failures": 4, "error": "c"}) == [(7, "c")]
