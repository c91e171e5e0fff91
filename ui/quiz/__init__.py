"""The quiz: practice, tests, and how answers are saved."""
