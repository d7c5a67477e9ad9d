"""The mind that needs no model: exact words in English and French, sentences that make missions, declared steps."""
