"""The table of pages: in which section of the menu, and where each leads on to."""

# The menu has one entry for each section but those of `NO_ENTRY`. It opens the
# section's first page, or the one that the visitor is at; a row of links leads to the
# others.
PAGES: dict[str, list[str]] = {
    "home": ["home"],
    "lesson": ["lesson", "training_2012", "handout"],
    "inside": [
        "feature_maps",
        "filters",
        "architecture",
        "similar_images",
        "augmentation",
    ],
    "experiments": ["relu_vs_tanh", "dropout", "experiments", "teach"],
    "quiz": ["quiz", "inventory"],
    "class": ["join", "my_progress", "class", "sign_in"],
    "together": ["class_guess", "class_teach"],
    "foot": ["claims", "glossary", "privacy"],
}
FOOT = "foot"  # in no menu: small links at the end of every page lead there
TOGETHER = "together"  # in no menu: an instructor brings a class there
NO_ENTRY = (FOOT, TOGETHER)

# Where to go next, at the end of a page; why stands in assets/pages/menu.toml.
NEXT = {
    "home": "lesson",
    "lesson": "feature_maps",
    "training_2012": "relu_vs_tanh",
    "handout": "quiz",
    "architecture": "filters",
    "filters": "feature_maps",
    "feature_maps": "similar_images",
    "similar_images": "augmentation",
    "augmentation": "relu_vs_tanh",
    "relu_vs_tanh": "dropout",
    "dropout": "experiments",
    "experiments": "teach",
    "teach": "quiz",
    "quiz": "claims",
    "inventory": "lesson",
    "class_guess": "relu_vs_tanh",
    "class_teach": "teach",
    "join": "lesson",
    "my_progress": "quiz",
    "class": "lesson",
    "sign_in": "class",
    "claims": "training_2012",
    "glossary": "lesson",
    "privacy": "home",
}


def has(page: str) -> bool:
    """Whether there is such a page."""
    return any(page in names for names in PAGES.values())


def section_of(page: str) -> str:
    """The section that a page is in.

    Raises:
        KeyError: no such page.
    """
    for section, names in PAGES.items():
        if page in names:
            return section
    raise KeyError(f"no page {page!r}")


def entry(section: str, page: str, *, is_instructor: bool) -> str:
    """The page that a section's entry in the menu opens.

    Args:
        page: the one that the visitor is at.
    """
    names = PAGES[section]
    if page in names:
        return page
    return "class" if section == "class" and is_instructor else names[0]
