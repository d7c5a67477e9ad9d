"""The way out to addresses that somebody chose: checked, pinned and bounded. Knows no system and no chat."""
