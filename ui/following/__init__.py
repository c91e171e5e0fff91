"""Joining a class, and following its instructor through the lesson."""
