"""Mail to whoever must act: what is asked of whom, composed, and sent once.

`plans` follows the same rule as the first page, `recipients` says who is told, `messages` makes
the words, and `sending` is the only place from which such mail leaves. A mail holds codes and
titles of action points and where each stands, never a text, a remark or the reason why something
came back: mail goes outside the application, and whoever may read those signs in.
"""
