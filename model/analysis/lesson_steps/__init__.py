"""What single steps of the lesson compute."""
