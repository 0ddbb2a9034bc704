"""Chart in, PNG out: the picture of a chart for formats that take no SVG from us."""

from __future__ import annotations

import io
import re
from typing import Final

import pypdfium2
import weasyprint
from django.utils.translation import gettext as _

from reports.document import Chart
from reports.renderers.charts import chart_svg
from reports.renderers.fetching import StaticFetcher
from reports.renderers.rendered import NotRendered

# Sharp in print: 200 dots to the inch on the widest page of ours.
_DOTS: Final = 1240
# Higher than this, to its width, a picture does not fit on a page of ours.
_TALLEST: Final = 1.5
_SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def chart_png(chart: Chart) -> bytes:
    """Return the picture of a chart; the same chart gives the same bytes.

    Raises NotRendered for one that does not fit on a page.
    """
    svg = chart_svg(chart)
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError(f"chart {chart.id}: the picture does not say how large it is")
    width, height = size.groups()
    if float(height) > _TALLEST * float(width):
        raise NotRendered(_("A chart of the document does not fit on a page."))
    page = f"<style>@page{{size:{width}px {height}px;margin:0}}body,svg{{margin:0;display:block}}"
    pdf = weasyprint.HTML(
        string=f"{page}</style>{svg}", base_url="static:/", url_fetcher=StaticFetcher()
    ).write_pdf()
    return rastered(pdf, _DOTS)


def rastered(pdf: bytes, dots: int) -> bytes:
    """Return the first page of a PDF as a picture of so many dots wide."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        image = page.render(scale=dots / page.get_width(), rev_byteorder=True).to_pil()
        made = io.BytesIO()
        image.convert("RGB").save(made, "PNG", optimize=True)
        return made.getvalue()
    finally:
        document.close()
