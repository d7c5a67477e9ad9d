"""On PostgreSQL: no samples of what people said among the planner's statistics. There is no step of its own: `memory.migrate`
does it after every climb, so that the columns of later steps are not forgotten; this one makes older databases climb.
"""

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing that differs between the databases."""
