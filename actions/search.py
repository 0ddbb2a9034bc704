"""Find words in Dutch and English text without regard to case, accents or odd spaces."""

from __future__ import annotations

import unicodedata

# Marks on letters, and characters nobody sees, such as a soft hyphen.
_DROPPED = frozenset({"Mn", "Cf"})


def fold(text: str) -> str:
    """Return the text as it is compared: `Coördinatie` and `COORDINATIE` become the same."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(each for each in letters if unicodedata.category(each) not in _DROPPED)
    return " ".join(kept.split())


def matches(query: str, folded: str) -> bool:
    """Tell whether every word of the query stands somewhere in a text that is already folded."""
    return all(word in folded for word in fold(query).split())
