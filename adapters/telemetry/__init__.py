"""What operators see: logs, metrics, traces. It implements `bot.instruments` and is told ids and numbers alone: there
is no word of anybody's here."""
