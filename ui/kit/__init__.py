"""Shared parts of pages: state, words, widgets, components. It imports no page."""
