"""Third-party servers that tests talk to: how they are installed (install.sh) and started (servers.py)."""
