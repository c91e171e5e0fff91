"""Students keep their numbers; names are shown on demand; who is at a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Numbers those who are there in the order in which they joined."""
    op.add_column(
        "classes",
        sa.Column("numbered", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "classes",
        sa.Column(
            "names_shown", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    op.add_column(
        "members", sa.Column("number", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "members", sa.Column("came", sa.Double(), nullable=False, server_default="0")
    )
    op.add_column("members", sa.Column("browsing", sa.String(64), nullable=True))
    op.execute(
        "UPDATE members SET came = joined, number = "
        "(SELECT count(*) FROM members AS other WHERE other.class_id = members.class_id"
        " AND (other.joined < members.joined"
        " OR (other.joined = members.joined AND other.id <= members.id)))"
    )
    op.execute(
        "UPDATE classes SET numbered = "
        "(SELECT count(*) FROM members WHERE members.class_id = classes.id)"
    )


def downgrade() -> None:
    """Forgets all of it."""
    for table, column in (
        ("members", "browsing"),
        ("members", "came"),
        ("members", "number"),
        ("classes", "names_shown"),
        ("classes", "numbered"),
    ):
        op.drop_column(table, column)
