"""Signing in, and what is kept about a visitor."""
