"""Questions, their answers and their grading. What is answered is plain data."""
