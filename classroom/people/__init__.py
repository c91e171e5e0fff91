"""Instructors' accounts, the school's sign-in, classes and students."""
