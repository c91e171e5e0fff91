"""A question on a page: answering it, feedback, its language, a student's work."""
