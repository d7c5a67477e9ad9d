"""Connected systems: each module implements `bot.world.System` for one of them, and knows no chat."""
