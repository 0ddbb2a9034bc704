"""The pages on which documents are made, read and taken along.

Each module tells the site of its own pages when it is read.
"""

from reports.admin import differences, editor, handling, own_texts, production, woo

__all__ = ["differences", "editor", "handling", "own_texts", "production", "woo"]
