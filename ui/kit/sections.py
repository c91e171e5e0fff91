"""The table of pages, in the sections of the sidebar."""

PAGES: dict[str, list[str]] = {
    "": ["home", "lesson", "claims", "training_2012"],
    "The network": ["architecture", "filters", "feature_maps"],
    "Train": ["relu_vs_tanh", "dropout", "experiments"],
    "Learn": ["quiz"],
    "Class": ["join", "class", "sign_in", "privacy"],
}
HIDDEN = ("sign_in", "privacy")  # in no menu: small links lead there


def has(page: str) -> bool:
    """Whether there is such a page."""
    return any(page in names for names in PAGES.values())
