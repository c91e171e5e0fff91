"""A hundred names that Markdown, Streamlit, HTML or a reader could take for markup."""

from __future__ import annotations

LINKS = (
    *("http://evil.example/login", "https://evil.example", "HTTP://EVIL.EXAMPLE/A"),
    *("hTTps://evil.example?q=1#f", "www.evil.example", "WWW.Evil.Example/x"),
    *("wWw.evil.example", "(www.evil.example)", "see http://evil.example."),
    *("a@b.c", "first.last+tag@evil.example", "x a@b.co, y", "<a@b.c>", "a_b@c-d.ef"),
    *("ftp://evil.example/file", "mailto:a@b.c", "MAILTO:A@B.CO", "xmpp:a@b.c/d"),
    *("javascript:alert(1)", "data:text/html,<b>x</b>", "//evil.example", "http://1.2"),
    *("http://user:pw@evil.example:80/a", "http://[::1]/", "https://xn--e1afmkfd.test"),
    *("[Sign in again](http://evil.example/login)", "[x][y]", "[y]: http://e.example"),
    *("![t](http://evil.example/t.png)", "![t][y]", "<http://evil.example>", "[^1]"),
    *("[^1]: note", "https://www.evil.example@x.yz", "www.www.evil.example"),
)
STREAMLIT = (
    *(":material/lock:", ":material_lock:", "x:material/home:y", ":material/lock"),
    *(":red[Error]", ":blue-background[x]", ":green-badge[ok]", ":rainbow[x]"),
    *(":small[x]", ":shimmer[x]", ":help[x]", ':color[x]{foreground="red"}'),
    *(":orange-badge[:material/star: x]", ":streamlit:", "x :streamlit: y", ":red[x"),
    *(":smile:", ":+1:", ":-1:", ":cat:", ":100:", "a:b:c", ":e-mail:", "10:30:00"),
    *("::leaf[x]{y=z}", ":::container", ":x[y]", ":a", "C:\\temp\\:x:", "::"),
    *("->", "<-", "<->", "--", ">=", "<=", "~=", "a -> b", "a <- b", "1 -- 2"),
    *("x >= y <= z ~= w", "-->", "<--", "<-->", "==", "...", "(c)", "(tm)", "=>", "<>"),
)
MATHS = (
    *("$x$", "$5", "$5 and $6", "$$x^2$$", "$$", "\\(x\\)", "\\[x\\]", "a$b$c"),
    *(r"$\frac{1}{2}$", r"\$x\$", "$`x`$"),
)
MARKDOWN = (
    *("*best*", "**bold**", "_under_", "__init__", "~gone~", "~~gone~~", "`code`"),
    *("```", "~~~", "# Head", "## Head", "#1", "- item", "* item", "+ item", "1. one"),
    *("7) seven", "> quote", "---", "***", "===", "| a | b |", "a|b", "- [ ] todo"),
    *("\\", "\\\\", "\\*", "a\\", "{x}", "{{x}}", "{0}", "%s", "{x:.2f}", "'", '"'),
    *("x^2^", "H~2~O", "==mark==", "[[wiki]]", "@name", "!important", "    indented"),
)
HTML = (
    *("<b>bold</b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>"),
    *("&amp;", "&lt;b&gt;", "&#58;red", "&copy;", "&nbsp;", "<!-- gone -->", "</div>"),
    *("<svg/onload=alert(1)>", "<br>", "a & b", "<?php", "<![CDATA[x]]>", "<1"),
)
SCRIPTS = (
    *(
        "שלום 12",
        "سارة (2)",
        "Ada سارة",
        "日本語",
        "हिन्दी",
        "Zoë",
        "ẞ",
        "👩‍🔬 Ada",
        "𝒳",
    ),
    *("http://例え.テスト", "ｗｗｗ.evil.example", "：smile：", "O’Brien", "Ｏ＊Ｏ"),
    *("a\u200bb", "a\u00a0b", "http\u200b://evil.example", "e\u0301"),
)
# What is shown of these differs from what was typed, as `escape_markdown` says.
CHANGED = {
    "  two  ": "two",
    "one\ntwo": "one\ntwo",
    "one\r\n\r\n# two": "one\n# two",
    "a\n- b\n    c": "a\n- b\nc",
    "a\n===\nb": "a\n===\nb",
    "\u202eevil": "evil",
    "\u2067x\u2069y": "xy",
    "\u2069\u2069a": "a",
}

NAMES = (*LINKS, *STREAMLIT, *MATHS, *MARKDOWN, *HTML, *SCRIPTS)

# What stands at the start of a line, or at both ends, is in it between two others.
ALL_IN_ONE = " ¦ ".join(name.strip() for name in NAMES)
