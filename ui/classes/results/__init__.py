"""What the class answered and predicted, the gradebook, and the files of both."""
