"""Five networks to scale and in numbers: layers, differences, code, parameters."""

from ui.kit import widgets
from ui.kit.network import calculators
from ui.kit.network.architecture import code_of, layer_table, sixty_million
from ui.network import architecture

widgets.open_page("architecture")
spec, other = architecture.choose()

architecture.drawing(spec, other)
architecture.totals(spec, other)
layer_table(spec, other)
architecture.differences(spec, other)
code_of(spec)
sixty_million()
architecture.positions()
calculators.panel()
