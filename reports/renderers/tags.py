"""The tags of a PDF, made whole: what WeasyPrint leaves out or breaks off at the foot of a page.

It tags page by page. Here a paragraph, list or table that goes on becomes one element again, a
note stands behind the text that calls it, a header says what it is the header of, and a picture and
a link say in words what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pydyf
from weasyprint.document import Document as Pages

from reports.document import (
    Chart,
    Document,
    Facts,
    Heading,
    Item,
    ItemList,
    Node,
    Note,
    Paragraph,
    Section,
    Signature,
    Table,
    nodes,
)

# As what each node is tagged, in the templates as they are.
_TAGS: Final[Mapping[type[Node], frozenset[str]]] = {
    Section: frozenset({"/Sect"}),
    Heading: frozenset({"/H2", "/H3", "/H4", "/H5", "/H6"}),
    Paragraph: frozenset({"/P", "/Span", "/Div"}),
    ItemList: frozenset({"/L"}),
    Item: frozenset({"/LI"}),
    Table: frozenset({"/Table"}),
    Facts: frozenset({"/Table"}),
    Note: frozenset({"/Div"}),
    Signature: frozenset({"/Div"}),
}
# Within the id of a row, in the templates; a row is no node and has no id of its own.
ROW: Final = "-rij-"
# What holds other elements and is no node itself.
_AROUND: Final = frozenset({"/Sect", "/Div", "/NonStruct", "/LBody", "/TBody", "/Part"})
# Behind these a note can stand, and in those it stands at the end.
_BEHIND: Final = frozenset({"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6"})
_WITHIN: Final = frozenset({"/LBody", "/TH", "/TD", "/Div", "/Sect", "/Caption"})


def finish(document: Document, pages: Pages, pdf: pydyf.PDF) -> None:
    """Mend the tags of a PDF just before it is written."""
    _Tags(document, pages, pdf).mend()


class _Tags:
    """The structure of one PDF, by the references between its objects."""

    def __init__(self, document: Document, pages: Pages, pdf: pydyf.PDF) -> None:
        self.document = document
        self.pages = pages
        self.pdf = pdf
        self.numbers = {each.id: at for at, each in enumerate(document.footnotes, start=1)}
        root = self.at(pdf.catalog["StructTreeRoot"])
        self.root = self.at(root["K"][0])
        self.parents = self.at(root["ParentTree"])
        self.row_goes_on = False
        self.sheets = {reference: at for at, reference in enumerate(pdf.page_references)}

    def at(self, reference: bytes) -> Any:
        """Return the object that a reference is of."""
        return self.pdf.objects[int(reference.split()[0])]

    def kids(self, element: Any) -> Iterator[Any]:
        """Yield the elements directly in an element."""
        for each in element["K"]:
            if isinstance(each, bytes) and self.at(each).get("Type") == "/StructElem":
                yield self.at(each)

    def mend(self) -> None:
        """Mend all there is to mend, in the order in which one needs the other."""
        notes = self._notes()
        self._join_pages()
        self._place_notes(notes)
        self._scope_headers()
        self._describe_pictures()
        self._describe_links()

    # Notes

    def _notes(self) -> dict[str, Any]:
        """Take the notes out of the foot of each page; return them by their id."""
        found: dict[str, Any] = {}
        last: dict[int, Any] = {}
        for element in self.kids(self.root):
            last[self.sheets[element["Pg"]]] = element
        for at, page in enumerate(self.pages.pages):
            if here := [name for name in page.anchors if name in self.numbers]:
                foot = last[at]
                elements = list(self.kids(foot))
                if len(elements) != len(here):
                    raise ValueError(f"page {at + 1}: the notes at its foot are not tagged as such")
                self.root["K"].remove(foot.reference)
                found |= zip(here, elements, strict=True)
        for name, element in found.items():
            element["S"] = "/Note"
            element["ID"] = pydyf.String(name)
            for each in list(self.kids(element)):
                if not each["K"]:
                    self._remove(each)
            # The number that opens it.
            next(self.kids(element))["S"] = "/Lbl"
        return found

    def _place_notes(self, notes: Mapping[str, Any]) -> None:
        """Put each note behind the text that calls it first."""
        called: dict[str, Any] = {}
        for element in self._all(self.root):
            if element["S"] == "/Link" and (name := self._called_note(element)):
                around = self.at(element["P"])
                if around["S"] == "/NonStruct":
                    around["S"] = "/Reference"
                called.setdefault(name, around)
        for name, call in reversed(called.items()):
            if name in notes:
                self._place(notes[name], call)

    def _place(self, note: Any, call: Any) -> None:
        inner, outer = call, self.at(call["P"])
        while inner["S"] not in _BEHIND and outer["S"] not in _WITHIN and outer is not self.root:
            inner, outer = outer, self.at(outer["P"])
        note["P"] = outer.reference
        if inner["S"] in _BEHIND or outer is self.root:
            outer["K"].insert(outer["K"].index(inner.reference) + 1, note.reference)
        else:
            outer["K"].append(note.reference)

    def _called_note(self, link: Any) -> str:
        """Return the id of the note that a link leads to, or nothing."""
        for annotation in self._annotations(link):
            name = _words(annotation.get("Dest"))
            if name in self.numbers:
                return name
        return ""

    def _annotations(self, link: Any) -> Iterator[Any]:
        for each in link["K"]:
            if isinstance(each, bytes) and self.at(each).get("Type") == "/OBJR":
                yield self.at(self.at(each)["Obj"])

    # What goes on over a page

    def _join_pages(self) -> None:
        tree = [each for each in nodes(self.document) if type(each) in _TAGS]
        for before, after in zip(self.pages.pages, self.pages.pages[1:], strict=False):
            both = before.anchors.keys() & after.anchors.keys()
            self.row_goes_on = any(ROW in name for name in both)
            on = [each for each in tree if each.id in both]
            if on:
                self._join_page(self.pages.pages.index(after), on)

    def _join_page(self, sheet: int, on: Sequence[Node]) -> None:
        tops = list(self.kids(self.root))
        first = next(
            (at for at, each in enumerate(tops) if self.sheets[each["Pg"]] >= sheet), len(tops)
        )
        if 0 < first < len(tops):
            self._join(tops[first - 1], tops[first], list(on))

    def _join(self, left: Any, right: Any, on: list[Node]) -> None:
        """Add what a page goes on with to the element that it goes on from."""
        if left["S"] != right["S"]:
            return
        if on and left["S"] in _TAGS[type(on[0])]:
            on.pop(0)
        elif left["S"] not in _AROUND:
            return
        if left["S"] == "/Table":
            self._drop_repeated_header(right)
        while on:
            pair = self._pair(left, right, on[0])
            if pair is None:
                break
            before = len(on)
            self._join(*pair, on)
            if len(on) == before:
                break
        if left["S"] in ("/Table", "/LI"):
            self._join_same(left, right)
        if left["S"] == "/TBody" and self.row_goes_on:
            self._join_row(left, right)
        self._move(left, right)

    def _join_row(self, left: Any, right: Any) -> None:
        """Join the cells of a row that is longer than a page."""
        before, after = list(self.kids(left))[-1], next(self.kids(right))
        for cell, rest in zip(self.kids(before), list(self.kids(after)), strict=True):
            self._move(cell, rest)
        self._remove(after)

    def _move(self, left: Any, right: Any) -> None:
        """Move all that is in an element to the end of another."""
        for each in right["K"]:
            if isinstance(each, bytes) and "P" in self.at(each):
                self.at(each)["P"] = left.reference
        left["K"].extend(right["K"])
        self._remove(right)

    def _pair(self, left: Any, right: Any, node: Node) -> tuple[Any, Any] | None:
        """Return the two halves of what goes on, directly within two halves that go on."""
        wanted = _TAGS[type(node)]
        befores, afters = list(self.kids(left)), list(self.kids(right))
        if not befores or not afters:
            return None
        for each in (wanted, _AROUND):
            before = next((kid for kid in reversed(befores) if kid["S"] in each), None)
            after = next((kid for kid in afters if kid["S"] in each), None)
            if before is not None and after is not None and before["S"] == after["S"]:
                return before, after
        return None

    def _join_same(self, left: Any, right: Any) -> None:
        """Join the bodies of two halves of a table or of a point of a list."""
        befores, afters = list(self.kids(left)), list(self.kids(right))
        if befores and afters and befores[-1]["S"] == afters[0]["S"] in ("/TBody", "/LBody"):
            self._join(befores[-1], afters[0], [])

    def _drop_repeated_header(self, table: Any) -> None:
        """Take out the header that is repeated on a new page; a reader has heard it already."""
        for element in list(self.kids(table)):
            if element["S"] == "/THead":
                self._hide(element)
                self._remove(element)

    def _hide(self, element: Any) -> None:
        """Make the content of an element part of the page instead of the text."""
        sheet = self.sheets[element["Pg"]]
        stream = self.at(self.at(element["Pg"])["Contents"]).stream
        numbers = self.parents["Nums"][self.parents["Nums"].index(sheet) + 1]
        hidden = {kid for each in self._all(element) for kid in each["K"] if isinstance(kid, int)}
        for at, part in enumerate(stream):
            if isinstance(part, pydyf.Dictionary) and part.get("MCID") in hidden:
                # `/TAG <</MCID 1>> BDC` opens what belongs to the text.
                stream[at - 1 : at + 2] = ["/Artifact", b"", b"BMC"]
        for number in hidden:
            numbers[number] = "null"

    def _remove(self, element: Any) -> None:
        self.at(element["P"])["K"].remove(element.reference)

    # Words

    def _scope_headers(self) -> None:
        for element in self._all(self.root):
            if element["S"] == "/TH":
                part = self.at(self.at(element["P"])["P"])["S"]
                element["A"]["Scope"] = "/Column" if part == "/THead" else "/Row"
            if element["S"] in ("/TH", "/TD"):
                # The scope says it; lists of names break where a table goes on.
                element["A"].pop("Headers", None)
                element.pop("ID", None)

    def _describe_pictures(self) -> None:
        charts = {each.caption: each for each in nodes(self.document) if isinstance(each, Chart)}
        figures = [each for each in self._all(self.root) if each["S"] == "/Figure"]
        for figure in figures:
            if chart := charts.get(_words(figure.get("Alt"))):
                figure["Alt"] = pydyf.String(chart.alternative)

    def _describe_links(self) -> None:
        tree = list(nodes(self.document))
        titles = {each.id: each.title for each in tree if isinstance(each, Section)}
        titles |= {
            each.id: "".join(run.text for run in each.runs)
            for each in tree
            if isinstance(each, Heading)
        }
        titles |= {name: f"Voetnoot {number}" for name, number in self.numbers.items()}
        titles |= {f"naar-{name}": "Terug naar de tekst" for name in self.numbers}
        for each in self.pdf.objects:
            if isinstance(each, pydyf.Dictionary) and each.get("Subtype") == "/Link":
                name = _words(each.get("Dest"))
                if name in titles:
                    each["Contents"] = pydyf.String(titles[name])

    def _all(self, element: Any) -> Iterator[Any]:
        """Yield every element within an element, in reading order."""
        for each in self.kids(element):
            yield each
            yield from self._all(each)


def _words(value: Any) -> str:
    """Return the text of a PDF string; nothing when it is none."""
    return str(value.string) if isinstance(value, pydyf.String) else ""
