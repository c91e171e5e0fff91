"""Questions: the bank, custom ones, their variants, grading, and files of them."""
