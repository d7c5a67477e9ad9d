"""Memory measured on annotated cases of our own: updates, French inflection, forgetting."""
