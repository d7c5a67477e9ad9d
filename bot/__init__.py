"""The assistant itself: nouns, rules and the one path. Standard library only.

Layers, checked by import-linter: flow imports rules, rules import nouns, nouns import errors.
Nothing in here knows a platform, a database, a model or a vendor.
"""
