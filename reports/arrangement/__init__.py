"""The coordinator's order and own texts, laid over a document as it was built. No Django.

Tree in, tree out: nothing that was built falls out of a document unless somebody left it out.
"""

from reports.arrangement.arranging import Arranged, arrange
from reports.arrangement.built import CLOSING, OPENING, Built, Part, parts
from reports.arrangement.rebuilding import Change, Outcome, Rebuilt, rebuild
from reports.arrangement.stored import Stored, join, leave_out, move, split, stored

__all__ = [
    "CLOSING",
    "OPENING",
    "Arranged",
    "Built",
    "Change",
    "Outcome",
    "Part",
    "Rebuilt",
    "Stored",
    "arrange",
    "join",
    "leave_out",
    "move",
    "parts",
    "rebuild",
    "split",
    "stored",
]
