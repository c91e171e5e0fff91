"""A class teaches AlexNet together: photographs from many phones, one last layer."""

from ui.network.teach import class_teach

class_teach.page()
