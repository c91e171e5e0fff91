"""What pages are made of: state, words, widgets, components. It knows no page."""
