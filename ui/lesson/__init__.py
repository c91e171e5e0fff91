"""The lesson: a step, its notes, and what is live in it."""
