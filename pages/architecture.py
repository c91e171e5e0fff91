"""Five networks to scale and in numbers: layers, differences, code, parameters."""

from ui.kit import widgets
from ui.kit.panels import architecture

widgets.open_page("architecture")
spec, other = architecture.choose()

architecture.drawing(spec, other)
architecture.totals(spec, other)
architecture.layer_table(spec, other)
architecture.differences(spec, other)
architecture.code_of(spec)
architecture.sixty_million()
architecture.positions()
