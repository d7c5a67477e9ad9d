"""Working twins of outside systems, strict about what they take, for tests and for trying things out."""
