"""What runs show: outcome, spread over seeds, verdict, guesses of it."""
