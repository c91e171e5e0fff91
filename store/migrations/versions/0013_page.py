"""The page that a class was brought to, where it is not at a step of the lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every class is in the lesson."""
    op.add_column(
        "classes", sa.Column("page", sa.String(300), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("classes", "page")
