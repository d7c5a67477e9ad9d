"""One suite per port, held to by every implementation of it."""
