"""Print what documents, pages and saving cost, and how that grows: `make bench`.

Every document is made in a process of its own, once it has made another; pages are asked of a warm
one. Seconds differ per machine; the ratios are what to compare.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests import load

ROOT = Path(__file__).resolve().parent.parent
# Of documents, and of the public site: every national plan in the world has some 3,300.
SIZES = (33, 330)
SITE_SIZES = (33, 3300)
FIRST_YEAR, YEARS = 2010, 10
REPEATS = 15
# People who write at the same time, how often each saves, and the seconds they type in between.
EDITORS, SAVES, THINKING = 20, 6, 10
WORKERS = 2
# A set is slow, but not as slow as this.
LONGEST = 120
# Letter and annex in four forms, and the note in four for each of its two groups of readers.
FILES = 16
REAL = "2022-2026"
KINDS = ("letter", "annex", "decision-note")
# Beside our PDF: the same page with WeasyPrint as it comes, and printed by Chromium.
FORMS = ("pdf", "untuned pdf", "chromium pdf", "html", "docx", "odt")
UNTUNED = "html { hyphens: auto } table { table-layout: auto }"
PAGES = {"overview": "/", "list": "/actiepunten/", "action point": "/actiepunten/p1/"}


def main() -> None:
    for database in ("SQLite", "PostgreSQL"):
        with _database(database) as url:
            _run(url, "fill", "0")
            _report_work(database, url)
            _report_editions(database, url)
            for size in sorted({*SIZES, *SITE_SIZES}):
                # Seconds from a process that does nothing else, so that memory is its own.
                _run(url, "fill", str(size))
                print(f"\n{database}, {size} action points over {YEARS} years")
                if size in SIZES:
                    for name, seconds in _report_documents(url, "bench"):
                        print(_ratio((database, name), seconds))
                _report_pages(database, url)
                if size in SITE_SIZES:
                    load.report(_environment(url), size, range(FIRST_YEAR, FIRST_YEAR + YEARS))


def _report_pages(database: str, url: str) -> None:
    """Print what a page costs when it is made, which is once per version of what is public."""
    print(f"  {'page':<14}{'ms':>9}{'queries':>9}")
    for name, figures in json.loads(_run(url, "pages")).items():
        print(
            f"  {name:<14}{figures['ms']:>9.1f}{figures['queries']:>9}"
            f"{_ratio((database, name), figures['ms'])}"
        )


def _report_documents(url: str, plan: str) -> Iterator[tuple[str, float]]:
    """Print what each document of the last year of a plan costs; yield its name and seconds."""
    print(f"  {'document':<27}{'CPU s':>9}{'peak MB':>9}{'pages':>7}")
    for kind in KINDS:
        for form in FORMS:
            if form == "chromium pdf" and not shutil.which("chromium"):
                continue
            figures = json.loads(_run(url, "document", kind, form, plan))
            name, seconds = f"{kind} {form}", figures["seconds"]
            size = f"{figures['megabytes']:>9.0f}{figures['pages'] or '':>7}"
            print(f"  {name:<27}{seconds:>9.2f}{size}", end="")
            yield name, seconds


def _report_work(database: str, url: str) -> None:
    """Print what the screens of officials cost, and saving with many of them at once."""
    print(f"\n{database}, the real plan over 2025")
    for _name, _seconds in _report_documents(url, REAL):
        print()
    print(f"\n{database}, the real plan with an open round")
    print(f"  {'work screen':<22}{'ms':>7}{'queries':>9}")
    found = json.loads(_run(url, "work"))
    for name, figures in found["pages"].items():
        print(f"  {name:<22}{figures['ms']:>7.1f}{figures['queries']:>9}")
    print(
        f"  {EDITORS} editors at once, each with a save every {THINKING} seconds: median "
        f"{found['median']:.0f} ms, p95 {found['p95']:.0f} ms of {found['saves']} saves"
    )


def _report_editions(database: str, url: str) -> None:
    """Print what a whole set costs from the click to its files, and a stored file to a reader."""
    with ExitStack() as stack:
        for _number in range(WORKERS):
            stack.enter_context(_worker(url))
        # They load what they need when they start, and no set waits for that.
        time.sleep(5)
        found = json.loads(_run(url, "editions"))
    print(f"\n{database}, the set of 2025: three documents in four forms, {WORKERS} workers")
    print(f"  from click to {found['files']} files {found['set']:>9.1f} s")
    print(f"  preview of one section     {found['preview']:>9.0f} ms")
    print(f"  a stored letter as PDF     {found['served']:>9.1f} ms")


@contextmanager
def _worker(url: str) -> Iterator[None]:
    command = [sys.executable, "manage.py", "work"]
    worker = subprocess.Popen(command, cwd=ROOT, env=_environment(url), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


_SMALL: dict[tuple[str, str], float] = {}


def _ratio(key: tuple[str, str], value: float) -> str:
    """Return how many times the small size it costs; nothing for the small size itself."""
    if key not in _SMALL:
        _SMALL[key] = value
        return ""
    return f"   {value / _SMALL[key]:.1f} x"


@contextmanager
def _database(name: str) -> Iterator[str]:
    with ExitStack() as stack:
        if name == "SQLite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{folder}/bench.sqlite3"
        elif not (url := os.environ.get("NAP_TEST_DATABASE_URL", "")):
            from tests.databases import start_server

            _source, url = start_server(stack.callback)
            _create(url)
        yield url


def _create(url: str) -> None:
    import psycopg

    server, _slash, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


def _environment(url: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("NAP_")},
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "napmonitor.settings",
        "NAP_ENV_FILE": "",
        "NAP_SECRET_KEY": "for-the-bench-only-" * 4,
    }


def _run(url: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=ROOT,
        env=_environment(url),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return result.stdout


def _fill(size: int) -> None:
    """Make a plan of this many action points over ten years out of the texts of the real one."""
    from django.core.management import call_command

    from tests.many import many_points

    call_command("migrate", verbosity=0)
    call_command("load_plan", stdout=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    if size:
        many_points(size, YEARS)


def _document(kind: str, form: str, which: str) -> dict[str, float]:
    """Make one document; the CPU seconds are those of this process and of what it starts."""
    from actions.models import ReportingRound
    from reports.builder import DocumentKind, build, build_decision_note
    from reports.document import Document

    rounds = ReportingRound.objects.filter(plan__slug__startswith=which).exclude(letter=None)
    latest = rounds.select_related("plan").latest("year")
    year, plan = latest.year, latest.plan.slug
    # What every process pays once, whatever it makes: modules, templates, fonts.
    _make(build(DocumentKind.LETTER, 2023, plan=REAL), form)
    started = _cpu_seconds()
    document: Document
    if kind == DocumentKind.DECISION_NOTE:
        document = build_decision_note(year, {}, plan=plan)
    else:
        document = build(DocumentKind(kind), year, plan=plan)
    pages = _make(document, form)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return {
        "seconds": _cpu_seconds() - started,
        "megabytes": max(resource.getrusage(each).ru_maxrss for each in who) / 1024,
        "pages": pages,
    }


def _make(document: Any, form: str) -> int:
    """Return how many pages a document has in one form, 0 where it has none."""
    from reports.renderers.html import markup
    from reports.rendering import RENDERERS, render

    if form in RENDERERS:
        return max(render(document, form).pages.values(), default=0)
    html = markup(document, "page")
    return _printed(html) if form == "chromium pdf" else _untuned(html)


def _untuned(html: str) -> int:
    import weasyprint

    from reports.renderers.fetching import StaticFetcher

    page = weasyprint.HTML(
        string=html.replace("</style>", f"{UNTUNED}</style>", 1),
        base_url="static:/",
        url_fetcher=StaticFetcher(),
    ).render(pdf_variant="pdf/a-2a")
    page.write_pdf(pdf_variant="pdf/a-2a")
    return len(page.pages)


def _printed(html: str) -> int:
    from pypdf import PdfReader

    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={printed}"]
        command = ["chromium", *options, page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        return len(PdfReader(printed).pages)


def _cpu_seconds() -> float:
    found = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def _pages() -> dict[str, dict[str, float]]:
    from django.test import Client

    return _measure(Client(HTTP_HOST="localhost"), PAGES)


def _work() -> dict[str, Any]:
    from django.test import Client
    from django.urls import reverse

    from tests import saving

    each, editors = saving.open_round(EDITORS)
    overview = reverse("admin:actions_reportinground_overview", args=[each.pk])
    writer, coordinator = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    writer.force_login(editors[0].user)
    coordinator.force_login(saving.coordinator())
    pages = _measure(writer, {"my action points": "/beheer/", "editor of a text": editors[0].path})
    pages |= _measure(coordinator, {"overview of the round": overview})
    times = sorted(saving.save_at_once(editors, SAVES, THINKING))
    return {
        "pages": pages,
        "saves": len(times),
        "median": statistics.median(times) * 1000,
        "p95": times[int(len(times) * 0.95)] * 1000,
    }


def _editions() -> dict[str, float]:
    from django.test import Client

    from actions.models import ReportingRound
    from napmonitor.accounts.models import User
    from reports import editor, issuing, production
    from reports.choices import Kind, Stage
    from reports.models import EditionFile, Freeze

    each = ReportingRound.objects.get(plan__slug=REAL, year=2025)
    system = User.objects.system()
    started = time.perf_counter()
    job = issuing.ask_freeze(each, Stage.RECONSTRUCTION, actor=system)
    while (made := EditionFile.objects.filter(version__freeze__job=job).count()) < FILES:
        if time.perf_counter() - started > LONGEST:
            raise RuntimeError(f"{made} files, and no more")
        time.sleep(0.05)
    took = time.perf_counter() - started
    freeze = Freeze.objects.get(job=job)
    issuing.issue_reconstruction(freeze, actor=system)
    reading = production.read(each, Stage.RECONSTRUCTION)
    paragraph = production.document(reading, Kind.LETTER).sections[0].blocks[0].id
    typed = "Een **eigen** tekst over wat er is gedaan."
    editor.preview(each, Kind.LETTER, paragraph, typed)
    previewed = time.perf_counter()
    editor.preview(each, Kind.LETTER, paragraph, typed)
    preview = time.perf_counter() - previewed
    path = {"letter": "/rapportages/2025/kamerbrief.pdf"}
    served = _measure(Client(HTTP_HOST="localhost"), path)["letter"]["ms"]
    return {"files": made, "set": took, "preview": preview * 1000, "served": served}


def _measure(client: Any, pages: dict[str, str]) -> dict[str, dict[str, float]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from napmonitor.site import freshness

    figures = {}
    for name, path in pages.items():
        if client.get(path).status_code != 200:
            raise RuntimeError(f"{path} does not answer")
        freshness.pages().clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        queries = len(captured)
        times = []
        for _ in range(REPEATS):
            freshness.pages().clear()
            started = time.perf_counter()
            client.get(path)
            times.append((time.perf_counter() - started) * 1000)
        figures[name] = {"ms": statistics.median(times), "queries": queries}
    return figures


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        import django

        django.setup()
        action, *words = sys.argv[1:]
        if action == "fill":
            _fill(int(words[0]))
        elif action == "document":
            print(json.dumps(_document(*words)))
        else:
            print(json.dumps({"pages": _pages, "work": _work, "editions": _editions}[action]()))
