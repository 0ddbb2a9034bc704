"""The same tree gives the same bytes: in another process, and in another environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports.builder import build, public_note
from reports.document import DocumentKind, to_dict
from reports.rendering import RENDERERS, decision_note
from tests.processes import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.files]


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """A folder with the documents of one year, as stored trees."""
    documents = {
        "letter": build(DocumentKind.LETTER, 2025),
        "annex": build(DocumentKind.ANNEX, 2025),
        "note": public_note(decision_note(2025)),
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(to_dict(document)), encoding="utf-8")
    return tmp_path


def hashes(trees: Path, seed: int, python: Path = Path(sys.executable)) -> dict[str, str]:
    """Return the hash of every file that a process of its own makes."""
    made = subprocess.run(
        [python, "-m", "tests.rendered_elsewhere", trees],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, str] = json.loads(made.stdout)
    assert len(found) == 3 * len(RENDERERS)
    return found


def test_another_process_gives_the_same_bytes(trees: Path) -> None:
    assert hashes(trees, seed=1) == hashes(trees, seed=2)


@pytest.mark.soak
def test_soak_ten_processes_give_the_same_bytes(trees: Path) -> None:
    first = hashes(trees, seed=0)

    for seed in range(1, 10):
        assert hashes(trees, seed) == first


@pytest.mark.soak
def test_soak_a_second_environment_with_the_same_lock_gives_the_same_bytes(
    trees: Path, tmp_path: Path
) -> None:
    here, there = Path(sys.executable).parent, tmp_path / "second"
    subprocess.run([sys.executable, "-m", "venv", there], check=True)
    python = there / "bin" / "python"
    locked = ROOT / "requirements" / "runtime.txt"
    install = ["pip", "sync", "--quiet", "--require-hashes", "--python", python, locked]
    subprocess.run([here / "uv", *install], check=True)

    assert hashes(trees, seed=3, python=python) == hashes(trees, seed=4)
