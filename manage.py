#!/usr/bin/env python
"""Run a management command of NAP-monitor."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from napmonitor.audit import origin

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "napmonitor.settings")
    origin.started_by_command(sys.argv[1] if len(sys.argv) > 1 else "")
    # A wrong setting or database is for the person who runs this: a sentence, not a traceback.
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"NAP-monitor cannot start: {error}")
    except (OperationalError, ProgrammingError) as error:
        reason = str(error).splitlines()[0]
        sys.exit(f"The database does not answer, or needs 'manage.py migrate' first: {reason}")
