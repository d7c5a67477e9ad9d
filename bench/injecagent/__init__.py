"""InjecAgent-style benchmark: an attacker's tool after a tool's answer. See README.md."""
