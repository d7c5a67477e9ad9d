"""Steps from each revision of the tables to the next, and how Alembic takes them."""
