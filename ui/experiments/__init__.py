"""Experiments: settings, runs, curves, and what they show."""
