"""The table of pages, in the sections of the sidebar."""

PAGES: dict[str, list[str]] = {
    "": ["home"],
    "The network": ["architecture", "filters", "feature_maps"],
    "Learn": ["quiz"],
}
