"""Many processes, people who talk to them, and everything that can go wrong with machines: what is lost, what happens
twice, and how long a place waits."""
