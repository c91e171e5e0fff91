"""How often a class was asked the question of its step: once more after discussion."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every class has been asked once."""
    op.add_column(
        "classes", sa.Column("asked", sa.Integer, nullable=False, server_default="1")
    )


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("classes", "asked")
