"""Delivery in full: breakers, delays, comparisons with diaries, the store's own marks, and what batches remember."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    for table in ("outbox", "batch_item"):
        op.add_column(table, sa.Column("seen_at", _INSTANT, nullable=True))
        op.add_column(table, sa.Column("hidden_at", _INSTANT, nullable=True))
    op.drop_index("item_by_state", "batch_item")
    op.create_index("item_by_state", "batch_item", ["school", "state", "kind", "key"], unique=False)
    op.add_column("batch", sa.Column("refused", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sink_mark", sa.Column("batch_items", sa.Integer(), nullable=True))
    op.create_table(
        "breaker",
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("sink", "host"),
    )
    op.create_table(
        "delay",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at_most", sa.Integer(), nullable=False),
        sa.Column("worst_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("school", "sink", "day", "feed", "bucket"),
    )
    op.create_table(
        "comparison",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("school", "sink"),
    )
    op.create_table(
        "store_mark",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("school", "name"),
    )
