"""The table of pages, in the sections of the sidebar."""

PAGES: dict[str, list[str]] = {
    "": ["home", "lesson", "claims"],
    "The network": ["architecture", "filters", "feature_maps"],
    "Train": ["relu_vs_tanh", "dropout", "experiments"],
    "Learn": ["quiz"],
    "Class": ["privacy"],
}
HIDDEN = ("privacy",)  # in no menu: a small link leads there


def has(page: str) -> bool:
    """Whether there is such a page: a door to it can be shown."""
    return any(page in names for names in PAGES.values())
