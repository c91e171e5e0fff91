"""A class's tests: making, opening, deadlines, extra time, marking open answers."""
