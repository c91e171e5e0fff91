"""The page /feature-maps: the screen, one unit, what feeds it, what it looks at."""
