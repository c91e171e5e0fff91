"""Training the shipped weights."""
