"""The lesson: its texts, and every number and run that they name."""
