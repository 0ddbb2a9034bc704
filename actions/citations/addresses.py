"""Read ids as they are written, alone or within a web address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from actions.citations.european import ACT_LETTERS
from actions.citations.grammar import RULES, Hit, Match, compiled, learn
from actions.citations.identifiers import FORMS, PAGES

# A name may stand in a pattern only once, so the parts of the ids go nameless.
RULES["anyid"] = "|".join(
    re.sub(r"\?P<[a-z]+>", "?:", form.pattern) for form in FORMS if PAGES["page"] == form.url
)
learn(
    r"""
published   (?<![0-9A-Za-z-])(?i:{anyid}){end}
# Document numbers are often called Kamerstuk: 'Kamerstuk 2013D49656'.
document    (?:(?<![A-Za-z])(?i:ka%mer%stuk(?:%ken)?(?:nummer)?)~:?~(?:{nr})?)?
            {begin}(?P<id>(?:19|20)[0-9]{2}[DZ][0-9]{5}){end}
numbered    (?:(?<![A-Za-z])(?i:celex)(?:-?(?:nummer|nr\.?))?~:?~)?{begin}(?P<id>{celex}){end}
# A law, alone or in a Juriconnect reference.
law         {begin}(?:jci[0-9]\.[0-9]{1,2}:[a-z]:)?(?P<id>BWB[RV][0-9]{7}){end}
            (?:&[a-z_-]{1,20}=[0-9A-Za-z.:_/-]{0,40}[0-9A-Za-z]){0,9}
# The rest only in an address.
comuri      COM:(20[0-9]{2}):0{0,3}([1-9][0-9]{0,3})(?![0-9])
eli         /eli/(reg|dir|dec|rec)[a-z_]{0,9}/([12][0-9]{3})/([0-9]{1,4})(?![0-9])
dossierpage (?:/dossier/|wetsvoorstel[:/])(?P<id>[1-9][0-9]{4}(?:-(?:{roman}|[A-Z]|[0-9]{2}))?){end}
host        (?:(?:eur-(?:{newline})?lex|[a-z-]{1,20})\.){0,2}
            (?:(?:officielebekendmakingen|overheid|tweedekamer|eerstekamer)\.nl|europa\.eu)
path        [^\s<>"'|{}()\[\]\\^`*«»“”‘’…]
# An address goes on over a line end only where it visibly does: after '-', '=' or '&', or when
# the next line begins as a path does.
goeson      (?:(?<=[-=&?\x25])|(?<=/)(?={newline}(?!www\.)(?:[a-z]{1,30}[-./?]|BWB|NL/|TXT/))
            |(?={newline}[0-9A-Za-z-]{1,20}\.(?:html|pdf|xml)(?![A-Za-z])))
address     (?<![A-Za-z0-9.@/\x25=&_-])(?:https?://)?{host}/{path}{0,240}
            (?:{goeson}{newline}{path}{1,80}){0,2}
"""
)


def _published(match: Match) -> str:
    """Give a written id its canonical case: 'KST-36600-vii-1' is kst-36600-VII-1."""
    prefix = re.match(r"(?i)(?:ah|h)-[te]k|[a-z]{1,5}", match[0])
    cut = prefix.end() if prefix else 0
    return match[0][:cut].lower() + match[0][cut:].upper()


def _eli(match: Match) -> str:
    return f"CELEX:3{match[2]}{ACT_LETTERS[match[1]]}{int(match[3]):04d}"


WRITTEN: Final[tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...]] = (
    (compiled("published"), _published),
    (compiled("document"), lambda match: match["id"]),
    (compiled("numbered"), lambda match: f"CELEX:{match['id']}"),
    (compiled("law"), lambda match: match["id"]),
)
_IN_ADDRESS: Final[tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...]] = (
    *WRITTEN,
    (compiled("comuri"), lambda match: f"COM({match[1]}){match[2]}"),
    (compiled("eli"), _eli),
    (compiled("dossierpage"), lambda match: match["id"]),
)


def read_address(match: Match) -> Hit | None:
    """Read the ids in a web address of the government, parliament or the Union."""
    literal = match[0].rstrip(".,;:!?")
    address = re.sub(r"\s|^https?://", "", literal)
    readable = re.sub(r"(?i)%3a", ":", address)
    ids = sorted(
        (found.start(), read(found))
        for pattern, read in _IN_ADDRESS
        for found in pattern.finditer(readable)
    )
    if not ids:
        return None
    # 'eur-lex.europa.eu/...PC0081…' was shortened, so it leads nowhere itself.
    whole = not match[0].endswith("..") and not match.string.startswith("…", match.end())
    own = f"https://{address}" if whole else None
    return Hit(match.start(), match.start() + len(literal), tuple(i for _, i in ids), own)
