"""`python -m model.weights` lists and fetches sets (see `model.weights.downloads`)."""

import sys

from model.weights.downloads import main

if __name__ == "__main__":
    sys.exit(main())
