"""One script per claim of speed: a table for people, a JSON line for scripts."""
