"""What the lesson says: its texts, and every number and run that they name."""
