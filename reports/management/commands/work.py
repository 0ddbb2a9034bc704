"""Do the work in the background: fixing documents, and making their files."""

from __future__ import annotations

import gc
import logging
import threading
import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from reports import jobs
from reports.models.jobs import SILENCE

log = logging.getLogger(__name__)

# Seconds between two looks after the work of others, and after which to look for the database.
_LOOK: Final = SILENCE.total_seconds() / 2
_PAUSE: Final = 2.0
# The queue is made shorter once in so many looks: about once an hour.
_LOOKS_TO_PRUNE: Final = 360


class Command(BaseCommand):
    help = "Do the work in the background; any number of these can run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when there is nothing to do")
        parser.add_argument(
            "--interval", type=float, default=0.5, help="seconds between two looks in the queue"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.pick_up()
        jobs.prune()
        worker = Worker(
            queue_names=["default"],
            interval=options["interval"],
            batch=options["once"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        if threading.current_thread() is threading.main_thread():
            worker.configure_signals()
        _load()
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=[stop], daemon=True)
        watch.start()
        try:
            _work(worker)
        finally:
            stop.set()
            watch.join()


def _load() -> None:
    """Load what work needs before there is any: nobody waits for that as well."""
    from reports.renderers import docx, html, odt, pdf  # noqa: F401

    # All this stays: after each job only what that made is looked through for garbage.
    gc.collect()
    gc.freeze()


def _work(worker: Worker) -> None:
    """Work until there is nothing left or somebody stops it, also when the database was away."""
    while True:
        try:
            worker.run()
        except OperationalError:
            if worker.batch:
                raise
            log.exception("the database does not answer; it is tried again")
            connection.close()
            time.sleep(_PAUSE)
        else:
            return


def _watch(stop: threading.Event) -> None:
    """Look after the work of others who died, for as long as this worker lives."""
    looks = 0
    try:
        while not stop.wait(_LOOK):
            looks += 1
            try:
                jobs.pick_up()
                if looks % _LOOKS_TO_PRUNE == 0:
                    jobs.prune()
            except Exception:
                # The next look may go well; a worker does not end over it.
                log.exception("could not look for abandoned work")
                connection.close()
    finally:
        connection.close()
