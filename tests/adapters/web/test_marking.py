"""Light Markdown: a few blocks are drawn, everything else stays the characters it is."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.web.marking import to_html

DRAWN = re.compile(r'</?(p|ul|li|pre|code|strong|br)>|<ol( start="[0-9]+")?>|</ol>')
TEXT = st.text(alphabet=st.sampled_from(list("ab1.*`-#<>&\"' \n\t\u202e")), max_size=60)


@given(TEXT)
def test_only_the_blocks_we_draw_are_markup(text: str) -> None:
    rest = DRAWN.sub("", str(to_html(text)))
    assert "<" not in rest
    assert ">" not in rest


@given(st.text(alphabet=st.sampled_from(list("abcé<>&\"' ,.!?")), min_size=1))
def test_plain_words_come_through_whole(text: str) -> None:
    shown = html.unescape(re.sub(r"<[^>]*>", "", str(to_html(text))))
    assert shown.split() == text.split()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("**late** by `3` days", "<p><strong>late</strong> by <code>3</code> days</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("- a\n* b\n• c", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
        ("3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'),
        ("```\n**a** <b>\n```\nafter", "<pre><code>**a** &lt;b&gt;</code></pre><p>after</p>"),
        ("```\nnever closed", "<pre><code>never closed</code></pre>"),
        ("# Head", "<p><strong>Head</strong></p>"),
        ("[good](https://evil.test)", "<p>[good](https://evil.test)</p>"),
        ("a\u202eb", "<p>a⟦U+202E⟧b</p>"),
    ],
)
def test_a_mark_is_drawn(text: str, drawn: str) -> None:
    assert str(to_html(text)) == drawn


def test_a_long_hostile_text_is_read_in_one_go() -> None:
    to_html("**" * 20_000 + "`" * 20_000 + "- " * 20_000)
