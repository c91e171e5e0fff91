"""Questions: the bank, a class's own, their variants, grading, and files of them."""
