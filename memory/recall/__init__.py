"""Which of what was said and noted bears on some words: the index, and how what it finds is ranked.

Nothing here asks a model. The index is the same rows on every database, so the ranking is too; what is counted is
counted within one scope, so nobody's ranking depends on what others have said.
"""
