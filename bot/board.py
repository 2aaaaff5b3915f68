"""A digest as one page of HTML that loads nothing: to attach to an e-mail, to print, to put into a board pack."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from bot.cards import digest_parts as parts
from bot.cards.blocks import clean, cut
from bot.cards.card import who
from bot.cards.digest_sections import sections
from bot.cards.scores import trend_line
from bot.charts.drawings import drawings
from bot.charts.svg import svg, variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.cards.digest import Digest
    from bot.cards.digest_sections import Section
    from bot.texts import Texts

COMMENT_MOST = 1000
"""Characters of a comment that is worth reading; some paste a whole log into a survey."""

STYLE = f"""
:root {{ color-scheme: light dark; {variables(dark=False)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {variables(dark=True)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }}
h1 {{ font-size: 1.625rem; line-height: 1.25; margin: 0 0 .25rem; text-wrap: balance; }}
h2 {{ font-size: 1.25rem; margin: 2.25rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--grid); }}
p {{ margin: .25rem 0; }}
.told {{ white-space: pre-line; margin-top: .75rem; }}
.quiet, footer {{ color: var(--quiet); }}
.score {{ font-size: 1.75rem; font-weight: 600; margin: 1.25rem 0 .25rem; text-wrap: balance; }}
.verdict {{ font-size: 1.125rem; }}
figure {{ margin: 1.5rem 0; max-width: 28rem; }}
svg {{ display: block; width: 100%; height: auto; font-family: inherit; }}
figcaption {{ color: var(--quiet); font-size: .9375rem; margin-top: .25rem; }}
ul {{ margin: .25rem 0; padding-left: 1.25rem; }}
blockquote {{ margin: 0 0 1.25rem; padding: .125rem 0 .125rem 1rem; border-left: 3px solid var(--score);
  white-space: pre-line; overflow-wrap: anywhere; }}
blockquote.brief {{ margin: .375rem 0; }}
blockquote footer {{ margin-top: .25rem; font-size: .9375rem; }}
a {{ color: var(--score); }}
@page {{ margin: 18mm; }}
@media print {{ body {{ padding: 0; max-width: none; font-size: 10.5pt; }}
  figure, blockquote, li {{ break-inside: avoid; }} h2, .told {{ break-after: avoid; }}
  figure {{ max-width: 12.5cm; margin: .75rem 0; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
"""


def page(digest: Digest, texts: Texts) -> str:
    """Return a digest as a whole page in the texts' language, with its charts drawn inside."""
    title = parts.title(digest, texts)
    why = [piece for section in sections(digest, texts) for piece in _section(section)]
    whole = (_head(digest, title, texts), _pictures(digest, texts), why, _loop(digest, texts), _said(digest, texts))
    content = "\n".join(piece for part in whole for piece in part)
    return f"""<!doctype html>
<html lang="{texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def _head(digest: Digest, title: str, texts: Texts) -> list[str]:
    """Return the title, the score, and what is to be said of it."""
    first, *more = parts.standing(digest, texts)
    return [
        f"<h1>{escape(title)}</h1>",
        *(f'<p class="quiet">{words}</p>' for words, _ in parts.small_print(digest, texts)),
        f'<p class="score">{escape(first)}</p>',
        *(f'<p class="verdict">{escape(line)}</p>' for line in more),
        f'<p class="quiet">{escape(parts.rolling(digest, texts))}</p>',
    ]


def _pictures(digest: Digest, texts: Texts) -> list[str]:
    told = {"trend": f"<figcaption>{escape(trend_line(digest.trend, texts))}</figcaption>"}
    return [f"<figure>{svg(drawing)}{told.get(drawing.name, '')}</figure>" for drawing in drawings(digest, texts)]


def _section(section: Section) -> list[str]:
    """Return a section; its words are escaped for Slack as HTML wants them, and bold between asterisks."""
    found = [f"<h2>{escape(section.title)}</h2>"]
    for paragraph in section.paragraphs:
        words = re.sub(r"\*([^*\n]+)\*", r"<strong>\1</strong>", paragraph.words).replace("\u2060", "")
        found.append(f'<p class="told">{words}</p>')
        found += [f'<blockquote class="brief">{escape(quote)}</blockquote>' for quote in paragraph.quotes]
    return found


def _loop(digest: Digest, texts: Texts) -> list[str]:
    """Return what became of the callbacks, and who still waits."""
    found = [f"<h2>{escape(texts('digest.loop'))}</h2>", _listed(parts.loop(digest.loop, texts, digest.yardstick))]
    if digest.waiting:
        found.append(f"<p><strong>{escape(texts('digest.waiting', n=digest.waiting_in_all))}</strong></p>")
        named = []
        for each in digest.waiting:
            words = escape(f"{each.found.response.score} · {clean(who(each.found, texts))}")
            late = parts.late(each, texts)
            named.append((f'<a href="{escape(each.link)}">{words}</a>' if each.link else words) + escape(late))
        if left := digest.waiting_in_all - len(named):
            named.append(escape(texts("list.more", n=left)))
        found.append("<ul>" + "".join(f"<li>{item}</li>" for item in named) + "</ul>")
    return found


def _said(digest: Digest, texts: Texts) -> list[str]:
    comments = parts.with_words(digest)
    if not comments:
        return []
    quoted = [
        f"<blockquote>{escape(cut(clean(each.response.comment or ''), COMMENT_MOST))}"
        f"<footer>{each.response.score} · {escape(clean(who(each, texts)))}</footer></blockquote>"
        for each in comments
    ]
    return [f"<h2>{escape(texts('digest.comments'))}</h2>", *quoted]


def _listed(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
