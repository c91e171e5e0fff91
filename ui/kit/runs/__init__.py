"""A training run on a page: names, charts, sentences, verdict, replay, guesses."""
