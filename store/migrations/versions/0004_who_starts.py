"""Who may start experiments is said class by class."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Classes that are there go by what the server says."""
    op.add_column("classes", sa.Column("students_start", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Forgets it."""
    op.drop_column("classes", "students_start")
