"""A class's exams: how they are set and taken, and the results with their files."""
