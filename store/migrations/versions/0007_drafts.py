"""Drafts of answers, and extra time in a test."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "extra_times",
        sa.Column("test_id", sa.String(32), nullable=False),
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["test_id"], ["tests.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("test_id", "member_id"),
    )
    op.create_index("ix_extra_times_member_id", "extra_times", ["member_id"])
    op.create_table(
        "drafts",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("sitting_id", sa.String(80), nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_drafts_sitting_id", "drafts", ["sitting_id"])


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("drafts")
    op.drop_table("extra_times")
