"""Where facts come in from outside: each verifies who speaks and draws a `bot.events.Signal` (see `bot.signals`)."""
