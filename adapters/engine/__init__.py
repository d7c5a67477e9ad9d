"""Engines: what rings a place's lanes when something is to be done there. Rows are the truth; an engine is
only the doorbell."""
