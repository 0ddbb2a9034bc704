"""Join the stylesheets of the NL Design System components that the public site uses, in one file.

They come from npm packages and stay out of the repository. `static/site/tokens.css` gives them
their values; they stand in cascade layers, so that every rule of our own goes before theirs.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGES = Path(__file__).resolve().parent.parent / "node_modules"
LICENCE = "EUPL-1.2"

# A link that is a button is a button: what dresses a class goes before what dresses an element.
ELEMENTS = (
    "@nl-design-system-candidate/heading-css/dist/html/heading.css",
    "@nl-design-system-candidate/paragraph-css/dist/html/paragraph.css",
    "@nl-design-system-candidate/link-css/dist/html/link.css",
    "@nl-design-system-candidate/code-css/dist/html/code.css",
    "@utrecht/table-css/dist/html/index.min.css",
    "@utrecht/form-label-css/dist/html/index.min.css",
    "@utrecht/select-css/dist/html/index.min.css",
    "@utrecht/textbox-css/dist/html/index.min.css",
)
CLASSES = (
    "@nl-design-system-candidate/button-css/dist/button.css",
    "@nl-design-system-candidate/data-badge-css/dist/data-badge.css",
    "@nl-design-system-candidate/skip-link-css/dist/skip-link.css",
    "@utrecht/alert-css/dist/index.min.css",
    "@utrecht/breadcrumb-nav-css/dist/index.min.css",
    "@utrecht/page-header-css/dist/index.min.css",
    "@utrecht/nav-bar-css/dist/index.min.css",
    "@utrecht/page-footer-css/dist/index.min.css",
)
# Our templates say these components in one word.
SHORT_NAMES = {"nl-button": "button", "nl-data-badge": "tag", "utrecht-alert": "notice"}


def main(target: Path) -> None:
    """Write the one file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(joined(), encoding="utf-8")


def joined() -> str:
    """Return all components in two layers, below a line that says whose they are."""
    names = ", ".join(licensed(path) for path in ELEMENTS + CLASSES)
    layers = layer("elements", ELEMENTS) + layer("classes", CLASSES)
    return f"/*! NL Design System, {LICENCE}: {names} */\n{layers}"


def layer(name: str, paths: Iterable[str]) -> str:
    """Return some components in a cascade layer; a later one goes before an earlier one."""
    rules = "\n".join(component(path) for path in paths)
    return f"@layer {name} {{\n{rules}\n}}\n"


def licensed(path: str) -> str:
    """Return the name and version of a package, once its licence is the one we share."""
    package = json.loads((PACKAGES / Path(*Path(path).parts[:2]) / "package.json").read_bytes())
    if package["license"] != LICENCE:
        sys.exit(f"{package['name']} has another licence than {LICENCE}: {package['license']}.")
    return f"{package['name']} {package['version']}"


def component(path: str) -> str:
    """Return one stylesheet without comments, which also name files that are not served."""
    rules = re.sub(r"/\*.*?\*/", "", (PACKAGES / path).read_text(encoding="utf-8"), flags=re.S)
    for name, short in SHORT_NAMES.items():
        rules = re.sub(rf"\.{name}(?![\w-])", f":is(.{name},.{short})", rules)
    return rules.strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
