"""What a class is taught and asked: the lesson and the quiz as checked data."""
