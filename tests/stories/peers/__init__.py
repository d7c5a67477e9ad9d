"""The stories once more, through the real program: a child process, real peers at its doors, nothing in between."""
