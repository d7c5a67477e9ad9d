"""What thinks: the built-in mind, which needs no model, and the language-model mind. Neither knows a platform."""
