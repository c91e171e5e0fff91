"""One picture as it was used for training: crops, mirror images, changed colours."""

from ui.kit import picture, widgets
from ui.network import augmentation

widgets.open_page("augmentation")
chosen = picture.choose()
augmentation.cut_and_recolour(chosen)
augmentation.sources()
