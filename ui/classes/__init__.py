"""The instructor's page: students, answers, tests, grades, own questions."""
