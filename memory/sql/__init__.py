"""The tables of one transaction over SQLAlchemy Core: one file per noun. Knows SQL, and neither threads nor
files nor when a transaction begins and ends."""
