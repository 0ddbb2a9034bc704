"""Serve the demonstration: the pages and the work in the background, which end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time

EVERY = 0.2


def main(address: str) -> int:
    """Run both until one of them ends or somebody stops this; return how the first one ended."""
    web = ["-m", "gunicorn", "napmonitor.wsgi", "--bind", address, "--workers", "2"]
    commands = [[*web, "--no-control-socket"], ["manage.py", "work"]]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as kept:
        try:
            for command in commands:
                environment = {"NAP_CACHE_DIR": kept, **os.environ}
                running.append(subprocess.Popen([sys.executable, *command], env=environment))
            while True:
                for each in running:
                    if (code := each.poll()) is not None:
                        return code
                time.sleep(EVERY)
        except KeyboardInterrupt:
            return 0
        finally:
            for each in running:
                each.terminate()
            for each in running:
                each.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
