"""Cases of docs/reference/safety.md that no other test covers, one file per side of the assistant."""
