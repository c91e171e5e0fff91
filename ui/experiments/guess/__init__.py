"""Guessing how an experiment ends, alone or together."""
