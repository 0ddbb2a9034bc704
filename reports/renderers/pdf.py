"""Document in, PDF out: tagged, archival (PDF/A-2a) and accessible (PDF/UA-1) in one file."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import weasyprint
from django.utils.translation import gettext as _
from weasyprint.document import Document as Pages

from reports.document import Document, nodes
from reports.renderers import tags
from reports.renderers.fetching import StaticFetcher
from reports.renderers.glyphs import printable
from reports.renderers.house_style import house_style
from reports.renderers.html import markup
from reports.renderers.rendered import NotRendered, Rendered

VARIANT: Final = "pdf/a-2a"

# WeasyPrint writes one standard at a time. The second identifier, with the description that
# PDF/A asks for any namespace it does not know, goes into the same metadata.
UNIVERSAL_ACCESS: Final = b"""
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates which part of ISO 14289 is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
"""


def render_pdf(document: Document) -> Rendered:
    """Return the PDF and the page on which each node starts; the same tree gives the same bytes.

    Raises NotRendered for a document that no pages can be made of.
    """
    try:
        return _rendered(document)
    except Exception as error:
        # Whatever it is that WeasyPrint or the tags stumbled over: the reader gets one sentence.
        raise NotRendered(_("The document could not be made in this format.")) from error


def _rendered(document: Document) -> Rendered:
    with _without_collecting():
        pages = weasyprint.HTML(
            string=printable(markup(document, "page"), *house_style().fonts),
            base_url="static:/",
            url_fetcher=StaticFetcher(),
        ).render(pdf_variant=VARIANT)
        _declare_universal_access(pages)
        content = pages.write_pdf(
            pdf_variant=VARIANT, finisher=lambda _all, pdf: tags.finish(document, pages, pdf)
        )
    return Rendered(content, _pages_of(document, pages))


def _declare_universal_access(pages: Pages) -> None:
    generate = pages.metadata.generate_rdf_metadata

    def with_identifier(*args: object) -> bytes:
        closing = b"</rdf:RDF>"
        return bytes(generate(*args).rstrip().removesuffix(closing)) + UNIVERSAL_ACCESS + closing

    pages.metadata.generate_rdf_metadata = with_identifier


def _pages_of(document: Document, pages: Pages) -> dict[str, int]:
    where: dict[str, int] = {}
    for number, page in enumerate(pages.pages, start=1):
        for anchor in page.anchors:
            where.setdefault(anchor, number)
    return {node.id: where[node.id] for node in nodes(document) if node.id in where}


@contextmanager
def _without_collecting() -> Iterator[None]:
    # A rendering makes millions of objects that all live to its end; collecting costs 10 to 30 %.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


__all__ = ["NotRendered", "render_pdf"]
