"""A class guesses together before an experiment; then it is watched on one screen."""

from ui.experiments.guess import class_guess

class_guess.page()
