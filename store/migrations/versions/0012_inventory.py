"""The concept inventory that a class takes before and after its lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "inventory_rounds",
        sa.Column("class_id", sa.String(32), nullable=False),
        sa.Column("moment", sa.String(8), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Double(), nullable=False),
        sa.Column("closed", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "moment"),
    )
    op.create_table(
        "inventory_papers",
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("moment", sa.String(8), nullable=False),
        sa.Column("form", sa.String(1), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("handed_in", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "moment"),
    )
    op.create_table(
        "inventory_choices",
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("moment", sa.String(8), nullable=False),
        sa.Column("concept", sa.String(40), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id", "moment"],
            ["inventory_papers.member_id", "inventory_papers.moment"],
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", "moment", "concept"),
    )


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("inventory_choices")
    op.drop_table("inventory_papers")
    op.drop_table("inventory_rounds")
