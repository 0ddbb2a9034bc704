"""Run the tests on SQLite, then on PostgreSQL, and say how many ran where.

run_tests.py                 everything but the long tests
run_tests.py --soak [WORD]   the long tests, or those with a word in their name
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

NO_TESTS = 5


def run(database: str, options: list[str]) -> tuple[int, dict[str, int]]:
    """Run pytest on one database; return its exit code and how many tests ran."""
    with tempfile.TemporaryDirectory() as folder:
        count_file = Path(folder) / "counts.json"
        command = [sys.executable, "-m", "pytest", "--database", database, *options]
        code = subprocess.run([*command, "--count-file", str(count_file)], check=False).returncode
        if not count_file.exists():
            return code or 1, {"with database": 0, "without database": 0}
        return code, json.loads(count_file.read_text(encoding="utf-8"))


def main() -> int:
    """Return 0 only when all tests passed and none of the runs was empty."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", nargs="?", const="", metavar="WORD")
    soak = parser.parse_args().soak
    # A process that has nothing left takes tests from another: some take a minute.
    options = [f"--numprocesses={min(os.cpu_count() or 1, 8)}", "--dist=worksteal"]
    # What takes longest is said, so that it is seen when a test has become slow.
    options.append("--durations=25")
    if soak is not None:
        # The long tests measure and race: one at a time.
        options = ["-m", "soak"] + (["-k", soak] if soak else [])

    on_sqlite, sqlite = run("sqlite", options)
    on_postgresql, postgresql = run("postgresql", options)

    print(
        f"{sqlite['with database']} tests ran on SQLite, "
        f"{postgresql['with database']} on PostgreSQL, "
        f"{sqlite['without database']} need no database"
    )
    codes = {on_sqlite, on_postgresql}
    if soak is not None:
        # One part of the long tests may belong on one database only, but not on none.
        return int(codes == {NO_TESTS} or not codes <= {0, NO_TESTS})
    if not sqlite["with database"] or not postgresql["with database"]:
        print("The tests must run on both databases.")
        return 1
    return int(codes != {0})


if __name__ == "__main__":
    sys.exit(main())
