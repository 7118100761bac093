"""annotation/guidelines.py"""

import re
import time

import pytest

from annotation.guidelines import CLEANER, render

ALLOWED = re.compile(
    r"</?(?:p|br|hr|blockquote|pre|code|em|strong|s|h3|ul|ol|li|table|thead|tbody|tr|th|td)>"
    r'|<ol start="\d+">|</a>'
    r'|<a(?: href="(?:https?://|mailto:)[^"]+")?(?: title="[^"]*")?'
    r' rel="noopener noreferrer nofollow">'
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    '<div hx-get="/settings/" hx-trigger="load">x</div>',
    "<b><i><style>@import 'http://evil'</style></i></b>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/settings/keys/)",
    "[x](http:evil.example)",
    "[x](https:///evil)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    '[x](http://a.example "\\" onclick=alert(1) \\"")',
    "![x](http://evil.example/pixel.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "`<script>`\n\n```\n</code></pre><script>alert(1)</script>\n```",
    "```html onload=alert(1)\nx\n```",
    "| <script> | b |\n|---|:-:|\n| `|` | <img src=x onerror=alert(1)> |",
    "{{ 7|add:7 }} {% load static %} ${7*7}",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "a\u202eb <math><mtext></mtext><mglyph><style><!--</style><img src onerror=alert(1)>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_more_than_plain_markup_leaves(attack):
    html = render(attack)

    assert re.sub(ALLOWED, "", html).count("<") == 0


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_second_lock_holds_without_the_first(attack):
    html = CLEANER.clean(attack)

    assert re.sub(ALLOWED, "", html).count("<") == 0


def test_template_syntax_stays_text():
    assert "{{ 7|add:7 }}" in render("{{ 7|add:7 }}")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("# a\n\n#### b", "<h3>a</h3>\n<h3>b</h3>"),
        ("3. x", '<ol start="3">\n<li>x</li>\n</ol>'),
        (
            "[x](https://a.example)",
            '<p><a href="https://a.example" rel="noopener noreferrer nofollow">x</a></p>',
        ),
        (
            "<mailto:a@b.example>",
            '<p><a href="mailto:a@b.example" rel="noopener noreferrer nofollow">'
            "mailto:a@b.example</a></p>",
        ),
        ("", ""),
        ("   \n\n", ""),
    ],
)
def test_markdown_becomes_html(markdown, html):
    assert render(markdown).strip() == html


@pytest.mark.parametrize(
    "long",
    [
        ">" * 100_000,
        "[" * 100_000,
        "*a **a " * 14_000,
        "![[" * 33_000,
        "- " * 50_000,
        "".join("  " * depth + "- x\n" for depth in range(300)),
        "<b>" * 33_000,
        "|a" * 20_000 + "\n" + "|-" * 20_000,
        "word " * 20_000,
    ],
    ids=lambda text: f"{text[:6]!r}",
)
def test_a_hundred_kilobytes_of_anything_are_rendered_in_seconds(long):
    began = time.monotonic()

    html = render(long)

    assert time.monotonic() - began < 10  # a twentieth of this where nothing else runs
    assert re.sub(ALLOWED, "", html).count("<") == 0
