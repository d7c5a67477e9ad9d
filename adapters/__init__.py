"""The outside: each package implements a port of the assistant or opens a door to it."""
