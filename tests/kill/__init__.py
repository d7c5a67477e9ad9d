"""The program is killed at random moments while people talk to it over Slack. Nothing may be lost or done twice."""
