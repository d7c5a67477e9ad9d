"""Control over what is done, held against a model small enough to be believed."""
