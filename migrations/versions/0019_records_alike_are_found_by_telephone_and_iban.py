"""records alike are found by telephone number and IBAN; since when somebody wants the newsletter"""

import sqlalchemy as sa
from alembic import op

from billing.likeness import phone_words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CUSTOMERS = sa.table(
    "customers", sa.column("id"), sa.column("survivor_id"), sa.column("phone"), sa.column("phone_2"),
    sa.column("mobile"), sa.column("erased_at"),
)  # fmt: skip
WORDS = sa.table("search_words", sa.column("customer_id"), sa.column("word"))
MANY = 1000


def upgrade():
    op.create_index("ix_customers_bank_iban", "customers", ["bank_iban"])
    op.add_column("customers", sa.Column("newsletter_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    found = list(_words(connection))
    for first in range(0, len(found), MANY):
        connection.execute(WORDS.insert(), found[first : first + MANY])


def _words(connection):
    """Every record under the telephone numbers of its whole family, as services/customers.py writes them."""
    c = CUSTOMERS.c
    rows = connection.execute(
        sa.select(c.id, c.survivor_id, c.phone, c.phone_2, c.mobile).where(c.erased_at.is_(None))
    ).all()
    families = {}
    for row in rows:
        words = phone_words((row.phone, row.phone_2, row.mobile))
        families.setdefault(row.survivor_id or row.id, set()).update(words)
    for row in rows:
        for word in sorted(families[row.survivor_id or row.id]):
            yield {"customer_id": row.id, "word": word}


def downgrade():
    op.execute(WORDS.delete().where(WORDS.c.word.like("=tel:%")))
    op.drop_column("customers", "newsletter_at")
    op.drop_index("ix_customers_bank_iban", "customers")
