"""Install the system packages that setting up (or testing) needs: system_packages.py setup|test.

Runs with the Python of the system before anything is installed, so it uses the standard library
only. What is there already, from whatever source, is left alone.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MINIMUM_PYTHON = (3, 11)
# Waits for another apt that holds the lock, and never asks a question.
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"]


def library(name: str) -> bool:
    """Tell whether a shared library can be loaded."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def part_of_libreoffice(name: str) -> bool:
    """Tell whether LibreOffice is there with one of its parts."""
    program = shutil.which("soffice")
    return program is not None and (Path(program).resolve().parent / name).exists()


def module(name: str) -> bool:
    """Tell whether this Python has a module."""
    return importlib.util.find_spec(name) is not None


# Debian and Ubuntu package: is what we need from it here?
NEEDS: dict[str, dict[str, Callable[[], object]]] = {
    "setup": {
        f"python{sys.version_info[0]}.{sys.version_info[1]}-venv": lambda: module("ensurepip"),
        "libpango-1.0-0": lambda: library("libpango-1.0.so.0"),
        "libpangoft2-1.0-0": lambda: library("libpangoft2-1.0.so.0"),
        "libharfbuzz-subset0": lambda: library("libharfbuzz-subset.so.0"),
        "gettext": lambda: shutil.which("msgfmt"),
    },
    "test": {
        "chromium": lambda: shutil.which("chromium"),
        "default-jdk-headless": lambda: shutil.which("javac"),
        "libreoffice-calc-nogui": lambda: part_of_libreoffice("libsclo.so"),
        "libreoffice-writer-nogui": lambda: part_of_libreoffice("libswlo.so"),
        "libatomic1": lambda: library("libatomic.so.1"),
        "poppler-utils": lambda: shutil.which("pdftoppm"),
    },
}


def known_to_apt(package: str) -> bool:
    """Tell whether apt can install a real package; Ubuntu's chromium only points to a snap."""
    policy = subprocess.run(
        ["apt-cache", "policy", package], capture_output=True, text=True, check=True
    ).stdout
    candidate = [line for line in policy.splitlines() if "Candidate:" in line]
    return bool(candidate) and "(none)" not in candidate[0] and "snap" not in candidate[0]


def become_root() -> list[str] | None:
    """Return the words that make a command run as root without a password, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False).returncode == 0:
        return ["sudo", "-n"]
    return None


def install(packages: list[str]) -> None:
    """Install packages with apt, or stop with the line that somebody who may should run."""
    root = become_root()
    if root is None:
        line = f"sudo apt-get update && sudo apt-get install --yes {shlex.join(packages)}"
        sys.exit(f"System packages are missing and this user may not install them. Run:\n{line}")
    if not all(known_to_apt(package) for package in packages):
        subprocess.run([*root, *APT, "--quiet", "update"], check=True)
    if "chromium" in packages and not known_to_apt("chromium"):
        print("This system has no chromium package; Playwright's own build is used.", flush=True)
        packages.remove("chromium")
    command = [*root, *APT, "--quiet", "install", "--yes", "--no-install-recommends", *packages]
    if packages and subprocess.run(command, check=False).returncode != 0:
        # Usually the lists are older than what the archive still has.
        subprocess.run([*root, *APT, "--quiet", "update"], check=True)
        subprocess.run(command, check=True)


def main(purpose: str) -> None:
    if tuple(sys.version_info) < MINIMUM_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"NAP-monitor needs Python 3.11 or newer, and this is Python {found}. "
            "Name another one: make PYTHON=python3.12"
        )
    missing = [package for package, is_here in NEEDS[purpose].items() if not is_here()]
    if missing and not shutil.which("apt-get"):
        sys.exit(f"Install what Debian calls: {', '.join(missing)}. Then run this again.")
    if missing:
        print(f"Installing system packages: {', '.join(missing)}", flush=True)
        install(missing)


if __name__ == "__main__":
    main(sys.argv[1])
