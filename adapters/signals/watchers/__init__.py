"""Numbers to watch: of this machine, of documents on the web, of connected systems. See `bot.gauges`."""
