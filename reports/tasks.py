"""What is put in the queue of work; `reports.jobs` does it."""

from __future__ import annotations

from django_tasks import task

from reports.models import Job


@task()
def work(kind: str, key: int) -> None:
    """Do one job; a job that somebody else holds, or that is done, is left alone."""
    # Loaded here: who only asks for work does not need what does it.
    from reports import jobs

    jobs.run(kind, key)


def enqueue(job: Job) -> None:
    """Put a stored job in the queue.

    The queue is a table of the same database: what is put in it within a transaction is there when
    that commits and not before, and a process that dies in between loses neither or both.
    """
    work.enqueue(job._meta.model_name or "", job.pk)
