"""A class's tests: how they are set and sat, and the results with their files."""
