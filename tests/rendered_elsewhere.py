"""A process of its own that renders stored trees: `python -m tests.rendered_elsewhere FOLDER`.

Writes the SHA-256 of every tree in the folder in every format. It reads no database.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path


def main() -> None:
    os.environ |= {
        "DATABASE_URL": "sqlite://:memory:",
        "DJANGO_SETTINGS_MODULE": "napmonitor.settings",
        "NAP_ENV_FILE": "",
        "NAP_SECRET_KEY": "for-tests-only-" * 4,
    }
    import django

    django.setup()
    from reports.document import from_dict
    from reports.rendering import RENDERERS, render

    hashes = {}
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        document = from_dict(json.loads(path.read_text(encoding="utf-8")))
        for to in RENDERERS:
            content = render(document, to).content
            hashes[f"{path.stem}.{to}"] = hashlib.sha256(content).hexdigest()
    sys.stdout.write(json.dumps(hashes))


if __name__ == "__main__":
    main()
