"""Five networks to scale and in numbers: layers, differences, code, parameters."""

from ui import architecture_panels as show
from ui import widgets

widgets.open_page("architecture")
spec, other = show.choose()

show.drawing(spec, other)
show.totals(spec, other)
show.layer_table(spec, other)
show.differences(spec, other)
show.code_of(spec)
show.sixty_million()
show.positions()
