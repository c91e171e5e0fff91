"""Plans and conclusions that questions put up for judgement, with their numbers."""

from __future__ import annotations

import re

from classroom.content import runs_2012
from classroom.questions.bank import bank
from model.network import shapes
from model.network.specs import ORIGINAL

READ = [bank(language).questions for language in ("en", "de")]


def test_conclusions_on_normalisation_fit_the_noted_runs() -> None:
    notebook = runs_2012.notebook()
    noted = {n: notebook.runs[n].errors for n in ("145", "148", "167")}
    errors = [x.top1 for x in noted.values() if x]
    whole, none, first = (round(x, 2) for x in errors)  # as the question shows them
    schedule = next(x for x in notebook.tried if x.name == "schedule")
    other = round(schedule.numbers["top1"], 2)
    for known in READ:
        question = known["bonus-three-norms"]
        shown = re.findall(r"(\d\d[.,]\d\d)\s%", question.ask)
        said = [float(x.replace(",", ".")) for x in shown]
        assert said == [whole, other, first, none]
        for number in ("0.04", "0.13"):
            assert re.search(number.replace(".", "[.,]"), question.why)
    assert round(none - whole, 1) == 1.4
    assert (round(other - first, 2), round(whole - other, 2)) == (0.04, 0.13)
    assert round((none - whole) / (whole - other), 0) in (10, 11)
    assert round(1.4 * 2 / 3, 1) == 0.9  # what two of three equal gains would be


def test_a_plan_that_counts_parameters_is_judged_by_the_work() -> None:
    total = shapes.totals(ORIGINAL)
    fc7, conv2 = (shapes.layer_info(ORIGINAL, n) for n in ("fc7", "conv2"))
    assert round(fc7.parameters / 1e6, 1) == round(fc7.macs / 1e6, 1) == 16.8
    assert (round(total.parameters / 1e6), round(total.macs / 1e6)) == (61, 724)
    assert 0.25 < fc7.parameters / total.parameters < 0.3, "more than a quarter"
    assert round(100 * fc7.macs / total.macs) == 2
    assert round(100 * conv2.parameters / total.parameters, 1) == 0.5
    assert round(100 * conv2.macs / total.macs) == 31
    assert round(100 * (1 - total.conv_mac_share)) == 8
    assert conv2.output[0] ** 2 > 200, "hundreds of positions"
    fc6 = shapes.layer_info(ORIGINAL, "fc6")
    assert fc6.output == fc7.output, "fc8 reads as many numbers without fc7"
    for known in READ:
        question = known["fewer-not-faster"]
        assert [o.id for o in question.options if o.right] == ["little"]
        assert re.search(r"16[.,]8 .*724 .*2\s%.*31\s%", question.why)
