"""The instructor's page: a class, its code, who is here, and where it is."""

from ui.classes import page as class_panels

class_panels.page()
