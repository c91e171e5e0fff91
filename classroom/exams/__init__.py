"""A class's exams: how they are set and sat, and the results with their files."""
