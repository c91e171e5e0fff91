"""A class has a language, which its followers read the lesson and the quiz in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Classes that are there have none: each student has their own."""
    op.add_column("classes", sa.Column("language", sa.String(8), nullable=True))


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("classes", "language")
