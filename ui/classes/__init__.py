"""The instructor's page: students, answers, exams, grades, own questions."""
