"""A package, so that a test file that others import is loaded once."""
