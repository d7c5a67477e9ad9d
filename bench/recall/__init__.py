"""How well recall finds what bears on a question, measured on annotated conversations that are not part of this project."""
