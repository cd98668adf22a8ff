"""Final results that sinks are owed, and since when; what waits already is owed since it was queued."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
_FINAL_RESULTS = "kind IN ('final_mark', 'final_state')"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "owed",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school", "sink", "kind", "key", "version"),
    )
    op.execute(
        "INSERT INTO owed SELECT school, sink, kind, key, version, queued_at FROM outbox "  # noqa: S608 - no input
        f"WHERE priority > 0 AND {_FINAL_RESULTS}"
    )
    op.execute(
        "INSERT INTO owed "  # noqa: S608 - as above
        "SELECT b.school, b.sink, i.kind, i.key, i.version, b.created_at FROM batch b JOIN batch_item i USING (batch) "
        f"WHERE (b.state IN ('pending', 'in_flight') OR i.state = 'dead') AND {_FINAL_RESULTS} ON CONFLICT DO NOTHING"
    )
