"""Faults planted on purpose: each must turn the tests red, or the tests guard nothing."""
