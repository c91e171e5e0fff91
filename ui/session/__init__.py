"""Visitors, permissions, sessions and addresses."""
