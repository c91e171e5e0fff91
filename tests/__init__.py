"""Named as a package, so that a file that others import is read once."""
