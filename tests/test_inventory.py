"""The concept inventory: its content, its two forms, and what a class has gained."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import fmean

import pytest

from bench import inventory as bench
from classroom.content import lesson
from classroom.content.toml_file import ContentBroken
from classroom.inventory import gain, items, papers, simulated
from classroom.inventory.gain import Interval, Taken
from classroom.inventory.items import FORMS, RIGHT
from classroom.inventory.simulated import Kind, Mind
from classroom.questions.bank import bank
from ui.kit import sections

CONCEPTS = items.concepts()
LANGUAGES = lesson.languages()
EVERY = [(language, form) for language in LANGUAGES for form in FORMS]
READ = 238  # words a minute: Brysbaert, J. Memory and Language 109, 2019
SEEDS = 2_000
PARALLEL = 0.005  # of the share right, over the classes of these seeds


# --- content --------------------------------------------------------------------------


def words_of(language: str, form: items.Form) -> list[str]:
    found = []
    for one in items.concepts(language):
        item = one.forms[form]
        for text in (item.ask, *item.options.values()):
            found += re.findall(r"\w+", text)
    return found


def test_there_are_a_dozen_concepts_and_each_can_be_seen_on_a_page() -> None:
    assert len(CONCEPTS) == 12
    for one in CONCEPTS:
        assert sections.has(one.page), one.id


@pytest.mark.parametrize(("language", "form"), EVERY)
def test_a_form_is_read_in_less_than_five_minutes(
    language: str, form: items.Form
) -> None:
    assert len(words_of(language, form)) / READ < 4.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_are_of_one_length(language: str) -> None:
    first, second = (len(words_of(language, form)) for form in FORMS)
    assert abs(first - second) <= 0.03 * first


def test_every_language_has_texts_of_its_own() -> None:
    for language in LANGUAGES[1:]:
        for one, base in zip(items.concepts(language), CONCEPTS, strict=True):
            assert one.name != base.name and one.idea != base.idea
            for form in FORMS:
                assert one.forms[form].ask != base.forms[form].ask
                assert list(one.forms[form].options) == list(base.forms[form].options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_of_the_bank_is_asked(language: str) -> None:
    known = bank(language)
    asked = {q.ask for q in (*known.questions.values(), *known.retired.values())}
    for one in items.concepts(language):
        assert not {one.forms[form].ask for form in FORMS} & asked


def test_publications_are_named_with_an_address() -> None:
    found = items.sources()
    assert {"hestenes1992", "hake1998", "newcombe1998", "adams2011"} <= found.keys()
    assert all(one.link.startswith("https://") for one in found.values())


SOURCE = (items.FOLDER / items.NAME).read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "map"', 'id = "filter"', "the id 'filter' is taken"),
        ('id = "map"', 'id = "A map"', "an id is of small letters"),
        ('idea = "A large', 'thought = "A large', "must have id, name, page, idea"),
        ("\nbrightness = ", "\nbright = ", "misconceptions|options must have"),
        ('object = "A bright', "object = 3 #", "object must be a text"),
        ('average = "A filter', 'right = "A filter', "has 3 misconceptions"),
        ("[concept.B]", "[concept.C]", "needs the tables B|must have"),
        ('"10 × 25 = 250"', '"10 × 28 × 28 = 7,840"', "offers the same twice"),
        ("[[concept]]", "[concept", "not TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in SOURCE
    (tmp_path / items.NAME).write_text(SOURCE.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentBroken, match=says) as error:
        items.load(tmp_path)
    assert re.match(rf".*/{items.NAME}:\d+: ", str(error.value))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "map"', 'id = "maps"', "expected the concepts"),
        ('page = "home"', 'page = "lesson"', "'probability' must have the page"),
        ("average = ", "mean = ", "'filter' must have the page and the misconceptions"),
    ],
)
def test_a_language_that_differs_is_named(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    (tmp_path / items.NAME).write_text(SOURCE, "utf-8")
    (tmp_path / "de").mkdir()
    german = (items.FOLDER / "de" / items.NAME).read_text("utf-8")
    count = 3 if old.startswith("average") else 1
    changed = german.replace(old, new, count)
    (tmp_path / "de" / items.NAME).write_text(changed, "utf-8")
    with pytest.raises(ContentBroken, match=says):
        items.load(tmp_path, "de")


# --- drawn by a seed ------------------------------------------------------------------


def test_forms_are_balanced_at_every_moment() -> None:
    for seed in range(50):
        taken = [papers.first_form(seed, place) for place in range(31)]
        for count in range(1, 32):
            counted = [taken[:count].count(form) for form in FORMS]
            assert abs(counted[0] - counted[1]) <= 1
    assert {papers.first_form(seed, 0) for seed in range(20)} == set(FORMS)


def test_order_is_drawn_by_the_seed_and_alike_in_every_language() -> None:
    orders, places = set(), set()
    for seed in range(40):
        drawn = papers.questions("A", seed)
        assert sorted(q.concept for q in drawn) == sorted(one.id for one in CONCEPTS)
        orders.add(tuple(q.concept for q in drawn))
        places |= {[x for x, _ in q.options].index(RIGHT) for q in drawn}
        for language in LANGUAGES:
            same = papers.questions("A", seed, language)
            assert [(q.concept, [x for x, _ in q.options]) for q in same] == [
                (q.concept, [x for x, _ in q.options]) for q in drawn
            ]
    assert len(orders) == 40 and places == {0, 1, 2, 3}


# --- parallel -------------------------------------------------------------------------


@pytest.mark.parametrize("slips", [0.0, 0.1])
def test_forms_expect_the_same_of_every_student_in_every_concept(slips: float) -> None:
    """Of all that one may think of a concept: known, any misconceptions, or nothing."""
    kind = Kind(slips=slips)
    for one in CONCEPTS:
        names = list(one.misconceptions)
        for knows, *held in product((True, False), repeat=1 + len(names)):
            thought = frozenset(x for x, has in zip(names, held, strict=True) if has)
            first, second = (
                simulated.chances(one.forms[form], knows, thought, kind)
                for form in FORMS
            )
            assert first == pytest.approx(second)
            if thought and not knows and not slips:
                assert first[RIGHT] == 0, "a misconception is found by its option"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("guess", [simulated.longest, simulated.shortest])
def test_who_goes_by_the_length_of_options_gains_nothing(
    language: str, guess: simulated.Guess
) -> None:
    """Neither in a form nor by the other one: it is right as often as any guess."""
    kind, concepts = Kind(slips=0.0, guess=guess), items.concepts(language)
    scores = [
        sum(simulated.expected(concepts, form, Mind(), kind).values()) for form in FORMS
    ]
    assert scores == [3, 3], "of 12 questions with 4 options"


def test_forms_differ_by_less_than_is_said_over_thousands_of_seeds() -> None:
    apart = bench.differences(Kind(), SEEDS)
    assert abs(apart["mean"]) < PARALLEL
    assert apart["of one concept"] < 3 * PARALLEL
    assert 0.03 < apart["of one class"] < 0.09


def test_students_answer_as_probably_as_is_computed() -> None:
    one, draw = CONCEPTS[0], random.Random(1)
    held, kind = frozenset(list(one.misconceptions)[:2]), Kind(slips=0.2)
    for mind in (Mind(), Mind(frozenset({one.id})), Mind(believes={one.id: held})):
        given = [
            simulated.answer([one], "A", mind, kind, draw)[one.id] for _ in range(4000)
        ]
        expected = simulated.chances(
            one.forms["A"],
            bool(mind.knows),
            mind.believes.get(one.id, frozenset()),
            kind,
        )
        for option, chance in expected.items():
            assert given.count(option) / 4000 == pytest.approx(chance, abs=0.03)


def test_a_form_that_lacks_a_misconception_is_found_out() -> None:
    """What the tests above would see if the forms were not parallel."""
    one = CONCEPTS[0]
    lost, *_ = one.misconceptions
    item = one.forms["B"]
    options = {name if name != lost else "else": x for name, x in item.options.items()}
    uneven = replace(one, forms={**one.forms, "B": replace(item, options=options)})
    mind = Mind(believes={one.id: frozenset({lost})})
    scores = [
        simulated.expected([uneven], form, mind, Kind())[one.id] for form in FORMS
    ]
    assert scores[1] - scores[0] > 0.2


def test_the_true_gain_of_a_kind_is_what_classes_show() -> None:
    kind = Kind()
    classes = [simulated.take(CONCEPTS, 40, kind, seed) for seed in range(60)]
    found = [gain.of_class([x for _, x in taken], CONCEPTS) for taken in classes]
    assert fmean(x.gain for x in found if x) == pytest.approx(
        simulated.true_gain(kind), abs=0.01
    )


# --- gain -----------------------------------------------------------------------------


def taken(before: list[bool], after: list[bool]) -> Taken:
    wrong = next(iter(CONCEPTS[0].misconceptions))
    ids = [one.id for one in CONCEPTS]
    return Taken(
        *(
            {x: RIGHT if ok else wrong for x, ok in zip(ids, given, strict=False)}
            for given in (before, after)
        )
    )


def test_students_t_is_that_of_the_tables() -> None:
    table = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 29: 2.045, 120: 1.980}
    for freedom, value in table.items():
        assert gain.student_t(freedom) == pytest.approx(value, abs=5e-4)


def test_wilsons_interval_is_that_of_newcombe_1998() -> None:
    """Table I of Newcombe's paper on single proportions, method 3."""
    for (count, of), low, high in (
        ((81, 263), 0.2553, 0.3662),
        ((15, 148), 0.0624, 0.1605),
        ((0, 20), 0.0000, 0.1611),
        ((1, 29), 0.0061, 0.1718),
    ):
        found = gain.wilson(count, of)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_paired_intervals_turn_with_before_and_after() -> None:
    for both, learned, lost, neither in product((0, 1, 4), repeat=4):
        if both + learned + lost + neither == 0:
            continue
        there = gain.paired(both, learned, lost, neither)
        back = gain.paired(both, lost, learned, neither)
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
        assert -1 <= there.low <= there.high <= 1
        assert there.has((learned - lost) / (both + learned + lost + neither))
    with pytest.raises(ValueError, match="a student or more"):
        gain.paired(0, 0, 0, 0)


@pytest.mark.parametrize(
    "shares", [(0.3, 0.4, 0.1, 0.2), (0.6, 0.2, 0.1, 0.1), (0.1, 0.8, 0.0, 0.1)]
)
def test_paired_intervals_hold_the_truth_about_as_often_as_they_say(
    shares: tuple[float, float, float, float],
) -> None:
    """All classes of 12 by their exact probability, multinomial."""
    from math import comb

    of, inside = 12, 0.0
    true = shares[1] - shares[2]
    for a in range(of + 1):
        for b in range(of - a + 1):
            for c in range(of - a - b + 1):
                d = of - a - b - c
                ways = comb(of, a) * comb(of - a, b) * comb(of - a - b, c)
                chance = float(ways)
                for share, count in zip(shares, (a, b, c, d), strict=True):
                    chance *= share**count
                inside += chance * gain.paired(a, b, c, d).has(true)
    assert 0.92 < inside < 0.99


def test_a_class_of_three_by_hand() -> None:
    none, half, all_ = [False] * 12, [True] * 6 + [False] * 6, [True] * 12
    found = gain.of_class([taken(none, half), taken(half, all_), taken(half, half)],
                          CONCEPTS)  # fmt: skip
    assert found is not None and found.students == 3
    assert (found.before, found.after) == pytest.approx((1 / 3, 2 / 3))
    assert found.gain == pytest.approx(1 / 3)
    assert found.normalised == pytest.approx(0.5), "Hake: (2/3 - 1/3) / (1 - 1/3)"
    half_width = 4.302653 * (1 / 12) ** 0.5 / 3**0.5  # of 0.5, 0.5 and 0
    assert found.interval is not None
    assert found.interval.low == pytest.approx(1 / 3 - half_width, abs=1e-5)
    first, last = found.concepts[0], found.concepts[-1]
    assert (first.before, first.after, first.learned, first.lost) == (2, 3, 1, 0)
    assert (last.before, last.after, last.gain) == (0, 1, pytest.approx(1 / 3))


def test_little_is_said_of_little() -> None:
    assert gain.of_class([], CONCEPTS) is None
    one = gain.of_class([taken([True] * 12, [True] * 12)], CONCEPTS)
    assert one is not None and one.interval is None and one.normalised is None
    six = gain.paired(1, 3, 1, 1)  # six students: two more are right than before
    assert six.low < 0 < six.high and six.high - six.low > 0.8
    assert Interval(-0.1, 0.2).has(0) and not Interval(0.1, 0.2).has(0)


def test_no_answer_is_not_right_and_no_misconception() -> None:
    found = gain.of_class([Taken({}, {})], CONCEPTS)
    assert found is not None and found.before == found.after == 0
    assert gain.believed([Taken({}, {})], CONCEPTS) == []


def test_misconceptions_are_counted_before_and_after() -> None:
    one = CONCEPTS[0]
    first, second, _ = one.misconceptions
    given = [
        Taken({one.id: first}, {one.id: second}),
        Taken({one.id: first}, {one.id: RIGHT}),
        Taken({one.id: RIGHT}, {one.id: second}),
    ]
    assert gain.believed(given, CONCEPTS) == [
        gain.Believed(one.id, second, 0, 2),
        gain.Believed(one.id, first, 2, 0),
    ]


def test_the_bench_says_for_each_size_how_wide_an_interval_is() -> None:
    small = bench.intervals(Kind(), 6, 60)
    large = bench.intervals(Kind(), 24, 60)
    assert small["width"] > 1.5 * large["width"]
    assert small["width of a concept"] > 0.6
    assert large["covers of a concept"] > 0.9
    for language in LANGUAGES:
        for row in bench.expectations(language).values():
            assert row["A"] == pytest.approx(row["B"])
            assert row["students differ by"] == pytest.approx(0)
