"""Kinds of questions as real GIFT files have them: each is read with the right values.

The texts are our own; the forms are those of Moodle's documentation and of files that
teachers have published, by hand, from a word processor, or exported by Moodle.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classroom.content import rich
from classroom.questions.gift import GiftItem, GiftRefused, read


def one(text: str | bytes) -> GiftItem:
    found = read(text if isinstance(text, bytes) else text.encode())
    assert found.problems == (), found.problems
    (item,) = found.items
    return item


def shares(item: GiftItem) -> dict[str, float]:
    return {choice.text: choice.worth for choice in item.choices}


# --- one right choice, several --------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "worth"),
    [
        ("=is ~are", {"is": 100, "are": 0}),
        ("~=is~are", {"is": 100, "are": 0}),
        ("~ are ~= is", {"are": 0, "is": 100}),
        ("=a =b ~c", {"a": 100, "b": 100, "c": 0}),
        ("a ~b =c", {"a": 0, "b": 0, "c": 100}),
        ("~%50%a =b ~c", {"a": 50, "b": 100, "c": 0}),
        ("~%33,5%a =b", {"a": 33.5, "b": 100}),
        ("~%–25%a =b", {"a": -25, "b": 100}),
        ("=%100%a ~%-33.33333%b", {"a": 100, "b": -33.33333}),
        ("=a ~b ~b", {"a": 100, "b": 0}),
        ("=a ~b ~", {"a": 100, "b": 0}),
        ("=\\=1 ~\\~2 ~\\#3 ~\\{4\\}", {"=1": 100, "~2": 0, "#3": 0, "{4}": 0}),
        ("=f(x) {return 1;} ~g", {"f(x) {return 1;}": 100, "g": 0}),
        ("\n=x=5\n~y = 2\n", {"x=5": 100, "y = 2": 0}),
        ("=x=5 ~x=6", {"x=5": 100, "x=6": 0}),
        ("=it&#39;s ~<b class=\"x\">no</b>", {"it's": 100, "**no**": 0}),
        ("=<b> ~<br> ~<p></p>", {"<b>": 100, "<br>": 0, "<p></p>": 0}),
        ("=“yes” ~‘no’", {"“yes”": 100, "‘no’": 0}),
        ("= 100% ~ 50 % of it", {"100%": 100, "50 % of it": 0}),
    ],
)  # fmt: skip
def test_one_right_choice(answers, worth):
    item = one(f"What? {{{answers}}}")
    assert item.kind == "single"
    found = shares(item)
    assert {rich.words(k) if item.rich and "*" not in k else k: v
            for k, v in found.items()} == worth  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "worth"),
    [
        ("~%50%a ~%50%b ~c", {"a": 100, "b": 100, "c": 0}),
        ("~%60%a ~%40%b ~%-100%c", {"a": 60, "b": 40, "c": -100}),
        ("~%100%a ~%-50%b ~%-50%c", {"a": 100, "b": -50, "c": -50}),
        ("~%50%a ~%50%b", {"a": 100, "b": 100}),
        ("~%30%a ~%30%b ~c", {"a": 100, "b": 100, "c": 0}),
    ],
)
def test_several_right_choices(answers, worth):
    item = one(f"What? {{{answers}}}")
    assert (item.kind, shares(item)) == ("several", worth)


def test_weights_that_are_not_a_hundred_are_said():
    found = read(b"What? {~%30%a ~%30%b ~c}")
    assert [note.what for note in found.notes] == [
        "its right answers weigh 60 % together: their shares are taken of that"
    ]
    assert found.noted == {"1": found.notes[0].what}


@pytest.mark.parametrize(
    ("answer", "right"),
    [("T", "True"), ("True", "True"), ("true", "True"), (" TRUE ", "True"),
     ("\u200bF", "False"), ("FALSE#no#yes", "False"), ("f####why", "False")],
)  # fmt: skip
def test_true_or_false(answer, right):
    item = one(f"What? {{{answer}}}")
    assert item.kind == "single"
    assert [c.text for c in item.choices] == ["True", "False"]
    assert [c.text for c in item.choices if c.right] == [right]


def test_feedback_of_true_or_false():
    item = one("What? {T#not so#quite so####since it is}")
    assert [c.say for c in item.choices] == ["", "not so"]
    assert item.why == "quite so\n\nsince it is"


# --- words, numbers, pairs, essays ----------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "worth"),
    [
        ("=dropout", {"dropout": 100}),
        ("dropout", {"dropout": 100}),
        ("=no one =nobody", {"no one": 100, "nobody": 100}),
        ("=%100%dropout# =%100%Dropout# =%50%drop-out#<p>Spelling.</p>",
         {"dropout": 100, "drop-out": 50}),
        ("=a# =A#", {"a": 100}),
        ("=*pool* =%0%*#no", {"*pool*": 100}),
        ("=three \\* four", {"three * four": 100}),
        ("=[html]<p>ReLU</p>", {"ReLU": 100}),
    ],
)  # fmt: skip
def test_short_answers(answers, worth):
    item = one(f"What? {{{answers}}}")
    assert item.kind == "short"
    assert {k.replace("\\*", "*"): v for k, v in shares(item).items()} == worth


def test_what_is_said_to_short_answers():
    item = one("What? {=ReLU#quite =%50%tanh#half =%0%*#think again ####it is fast}")
    assert [c.say for c in item.choices] == ["quite", "half"]
    assert (item.otherwise, item.why) == ("think again", "it is fast")


@pytest.mark.parametrize(
    ("answers", "value", "within", "others"),
    [
        ("#4", 4, 0, []),
        ("#3.1415:0.0005", 3.1415, 0.0005, []),
        ("#3,14", 3.14, 0, []),
        ("#1,000", 1000, 0, []),
        ("#−5..5", 0, 5, []),
        ("#=224 =227", 224, 0, [(227, 0, 100)]),
        ("#=60.97:0.5 =%50%60.97:5#roughly", 60.97, 0.5, [(60.97, 5, 50)]),
        ("#=%100%1:0# =%0%2:0#no =%0%*#no", 1, 0, [(2, 0, 0)]),
        ("#1..2~#no", 1.5, 0.5, []),
        ("#6.02e23:1e20", 6.02e23, 1e20, []),
        ("#=%50%1822:2 =1822:0", 1822, 0, [(1822, 2, 50)]),
    ],
)
def test_numbers(answers, value, within, others):
    item = one(f"How many? {{{answers}}}")
    assert (item.kind, item.value, item.within) == ("number", value, within)
    assert [(n.value, n.within, n.share) for n in item.nears] == others


@pytest.mark.parametrize(
    ("answers", "pairs"),
    [
        ("=a->1 =b->2", [("a", "1"), ("b", "2")]),
        ("=a -> 1 =b -> 2 = -> 3", [("a", "1"), ("b", "2"), ("", "3")]),
        ("=x -> max(0,x) -> ReLU =y -> z", [("x", "max(0,x) -> ReLU"), ("y", "z")]),
        ("=a → 1 =b → 2", [("a", "1"), ("b", "2")]),
        ("\n=a=1 -> x\n\n=b -> y\n", [("a=1", "x"), ("b", "y")]),
        ("=a -> 1 =a -> 1 =b -> 1", [("a", "1"), ("b", "1")]),
    ],
)
def test_pairs(answers, pairs):
    item = one(f"Match. {{{answers}}}")
    assert item.kind == "match"
    assert [(c.text, c.to) for c in item.choices] == pairs


def test_twenty_five_pairs():
    pairs = " ".join(f"=a{n} -> b{n}" for n in range(25))
    assert len(one(f"Match {{{pairs}}}").choices) == 25


@pytest.mark.parametrize("answers", ["", " \n ", "####It was a general."])
def test_essays(answers):
    item = one(f"Say why. {{{answers}}}")
    assert (item.kind, item.why) == ("open", answers.strip().removeprefix("####"))


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("Two plus two equals {=four =4}.", "Two plus two equals _____."),
        ("{=Two ~Three} plus two\nis four.", "_____ plus two\nis four."),
        ("[html]<p>ReLU is {=fast ~slow}</p>", "ReLU is"),
        ("[html]<p>ReLU is {=fast ~slow} here.</p>", "ReLU is _____ here."),
        ("What? {=a ~b} // a comment", "What?"),
        ("::What is it?::{=a ~b}", "What is it?"),
    ],
)
def test_the_gap_of_a_missing_word(text, ask):
    assert one(text).ask == ask


# --- where questions begin and end ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines", "described"),
    [
        ("$CATEGORY: x\n::Q1::A? {T}\n\n::Q2::B? {F}", [2, 4], 0),
        ("::Q1::A? {T}\n$CATEGORY: x\n::Q2::B? {F}", [1, 3], 0),
        ("::Q1::A?\n{\n=a\n\n~b\n}\n\n::Q2::B? {T}", [1, 8], 0),
        ("::Q1::A?\n\n{=a ~b}", [1], 0),
        ("::Q1::\n\nA? {=a ~b}", [1], 0),
        ("::Q1::A? {T}\n::Q2::B? {F}\n::Q3::C? {T}", [1, 2, 3], 0),
        ("::Q1::A? {T} ::Q2::B? {F}", [1, 1], 0),
        ("A? {=a ~b}\nB? {=c ~d}", [1, 2], 0),
        ("// one\n// [id:1] [tag:cnn]\n::Q::A? {T}", [3], 0),
        ("A text.\n\n::Intro::Another.\n\nA? {T}", [5], 2),
        ("A? {T}\r\n\r\nB? {F}\r\n", [1, 3], 0),
        ("A? {T}\r\rB? {F}", [1, 3], 0),
    ],
    ids=lambda x: x[:24] if isinstance(x, str) else "",
)
def test_where_questions_begin(text, lines, described):
    found = read(text.encode())
    assert (found.problems, list(found.lines)) == ((), lines)
    assert len(found.descriptions) == described


@pytest.mark.parametrize(
    ("text", "read_names", "refused_at"),
    [
        ("::Q1::A? {=a ~b\n\n::Q2::B? {T}", ["Q2"], [1]),
        ("::Q1::A? {=a ~b\n::Q2::B? {T}", ["Q2"], [1]),
        ("::Q1::A? =a ~b}\n\n::Q2::B? {T}", ["Q2"], [1]),
        ("::Q1::A? {~a ~b}\n::Q2::B? {T}\n::Q3::C? {~a}", ["Q2"], [1, 3]),
        ("::Q1::A? {~a ~b} ::Q2::B? {~a ~b}", [], [1, 1]),
    ],
)
def test_one_wrong_question_takes_no_other_with_it(text, read_names, refused_at):
    found = read(text.encode())
    assert [item.name for item in found.items] == read_names
    assert [problem.line for problem in found.problems] == refused_at
    assert len(found.refused) == len(found.problems)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"), ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)  # fmt: skip
def test_codes_of_letters(code, said):
    found = read("::Größe::Wie groß – très? {=é ~ü}".encode(code, "replace"))
    (item,) = found.items
    assert item.name == "Größe"
    assert [c.text for c in item.choices] == ["é", "ü"]
    assert said in found.sentence
    assert bool(said) == bool(found.sentence)


def test_more_questions_than_are_read_are_refused_one_by_one():
    found = read(b"A? {T}\n\n" * 2003)
    assert (found.held, len(found.items), len(found.refused)) == (2003, 2000, 3)
    assert "at most 2,000" in found.refused["4001"]


# --- nothing is lost ------------------------------------------------------------------

PARTS = st.sampled_from(
    ["::Q::", "A?", "{", "}", "=a", "~b", "\n", "\n\n", "#", "->", "####", "T", "%50%",
     "$CATEGORY: x\n", "//", "\\", "[html]", "<p>", "</p>", "<pre>", "$$", "`", "x",
     " "]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40).map("".join))
@example("{" * 3)
@example("}\n\n{")
def test_a_file_holds_what_is_read_and_what_is_refused(text):
    try:
        found = read(text.encode())
    except GiftRefused:
        assert not text.strip()
        return
    assert found.held == len(found.items) + len(found.refused)
    assert all(item.ask for item in found.items)
    if "{" in text.replace("\\{", "") and "//" not in text and "CATEGORY" not in text:
        assert found.held, "no answers go by unseen"


@given(st.lists(st.sampled_from(
    ["A? {T}", "::n::B {=a ~b}", "C {~a}", "D {#x}", "E {=w}", "$CATEGORY: c"]
), min_size=1, max_size=12))  # fmt: skip
def test_each_question_of_a_file_is_counted(blocks):
    found = read("\n\n".join(blocks).encode())
    assert found.held == sum("{" in block for block in blocks)
    assert len(found.problems) == sum(x in ("C {~a}", "D {#x}") for x in blocks)


# --- text -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<p dir\\=\"ltr\">Is <em>x</em>&nbsp;&gt; 0?<br></p>", "Is *x* > 0?"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<pre><code>for i in x\\:\n    if i\\:\n        go()\n</code></pre>",
         "```\nfor i in x:\n    if i:\n        go()\n```"),
        ("<p><code>a<br>&nbsp; b</code></p>", "```\na\n  b\n```"),
        ("H<sub>2</sub>O, x<sup>n</sup>, y<sub>max</sub>",
         "H₂O, xⁿ, yₘₐₓ"),
        ("a<sub>Q</sub>", "a${}_{\\text{Q}}$"),
        ("<b>bold</b> and <strong>strong</strong>", "**bold** and **strong**"),
        ("<a href\\=\"https\\://e.x/y\">this</a>", "this (https://e.x/y)"),
        ("<a href\\=\"javascript\\:alert(1)\">this</a>", "this"),
        ("<img src\\=\"@@PLUGINFILE@@/a%20dog.png\" alt\\=\"\">",
         "(picture missing: a dog.png)"),
        ("<img src\\=\"data\\:image/png;base64,iVBOR/w0KGgo\\=\">",
         "(picture missing)"),
        ("<img src=\"data:image/png;base64,iVBOR/w0KGgo=\" alt=\"a cat\">",
         "(picture missing: a cat)"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<h3>Head</h3>text", "**Head**\n\ntext"),
        ("<script>alert(1)</script><style>p \\{\\}</style>text<!-- no -->", "text"),
        ("\\\\(L \\= \\\\frac\\{1\\}\\{2\\}w^2\\\\)", "$L = \\frac{1}{2}w^2$"),
        ("\\(\\frac{1}{2} = x\\)", "$\\frac{1}{2} = x$"),
        ("<p>As</p><p>$$x_{1} &lt; 2$$</p>", "As\n\n$$x_{1} < 2$$"),
        ("It costs $5 and $6", "It costs \\$5 and \\$6"),
        ("is $x^2$ or $y$ here", "is $x^2$ or $y$ here"),
        ("3 * 4 * 5 and a_b_c", "3 \\* 4 \\* 5 and a_b_c"),
        ("<i>open", "*open*"),
    ],
    ids=lambda x: x[:30],
)  # fmt: skip
def test_html_is_structure(source, shown):
    item = one(f"::n::[html]{source}{{}}")
    found = item.ask if item.rich else rich.literal(item.ask)
    assert found == (shown if item.rich else rich.literal(rich.words(shown)))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Is List<String> < Set<T> & more?", "Is List<String> < Set<T> & more?"),
        ("#include <stdio.h>", "#include <stdio.h>"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_text_that_is_not_html_stays(source, shown):
    item = one(f"::n::{source.replace('#', chr(92) + '#')}{{}}")
    assert (item.ask, item.rich) == (shown, False)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**b** and `code_x` and [x](https\\://e.x)",
         "**b** and `code_x` and x (https://e.x)"),
        ("![a dog](dog.png)", "(picture missing: a dog)"),
        ("\\#\\# Head\\n\\n- a\n- b", "**Head**\n\n- a\n- b"),
        ("```python\ndef f(x)\\:\n    return x\n```",
         "```python\ndef f(x):\n    return x\n```"),
        ("_it_ and __this__ and snake_case_x", "*it* and **this** and snake_case_x"),
        ("$$x^2$$ is", "$x^2$ is"),
    ],
)  # fmt: skip
def test_markdown_is_read_as_such(source, shown):
    item = one(f"::n::[markdown]{source}{{}}")
    assert (item.ask if item.rich else rich.literal(item.ask)) == shown


def test_plain_is_plain():
    item = one("::n::[plain]<b>**x**</b> $x^2$ &lt;{}")
    assert (item.ask, item.rich) == ("<b>**x**</b> $x^2$ &lt;", False)


def test_a_missing_picture_is_said_at_its_line():
    found = read(b'\n[html]<p>Which?</p><img src\\="@@PLUGINFILE@@/d.png">{=a ~b}')
    assert found.noted == {"2": "a picture is missing: GIFT does not hold pictures"}
