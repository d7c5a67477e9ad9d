"""What Vigie keeps: the Store port over SQLite, its in-memory twin, and the migrations. Knows no platform,
no model and no vendor; nobody but the composition root imports it."""
