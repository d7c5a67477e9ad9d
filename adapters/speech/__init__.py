"""Speech: the languages people are spoken to in, by Babel and gettext catalogues.

`catalogues/fr.po` is French; another language is one more file. Knows no platform and no system.
"""
