"""The lesson and the quiz as checked data, and classes, exams and results."""
