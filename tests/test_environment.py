"""A wrong setting stops the start with one sentence that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEY = "k" * 60


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that loads the settings, in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NAP_")}
    clean.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**clean, "NAP_ENV_FILE": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "NAP_SECRET_KEY"),
        ({"NAP_SECRET_KEY": "short"}, "NAP_SECRET_KEY"),
        ({"NAP_SECRET_KEY": KEY, "NAP_DEBUG": "yes"}, "NAP_DEBUG"),
        ({"NAP_SECRET_KEY": KEY, "NAP_DEMO": "1"}, "NAP_DEMO"),
        (
            {"NAP_SECRET_KEY": KEY, "NAP_HTTPS": "True", "NAP_HSTS_SECONDS": "-1"},
            "NAP_HSTS_SECONDS",
        ),
        ({"NAP_SECRET_KEY": KEY, "NAP_HSTS_SECONDS": "x"}, "NAP_HSTS_SECONDS"),
        ({"NAP_SECRET_KEY": KEY, "NAP_ALLOWED_HOSTS": ",,"}, "NAP_ALLOWED_HOSTS"),
        ({"NAP_SECRET_KEY": KEY, "NAP_CSRF_TRUSTED_ORIGINS": "foo"}, "NAP_CSRF_TRUSTED_ORIGINS"),
        ({"NAP_SECRET_KEY": KEY, "NAP_CONTACT": "nap"}, "NAP_CONTACT"),
        (
            {"NAP_SECRET_KEY": KEY, "NAP_ACCESSIBILITY_STATEMENT": "http://x.nl"},
            "NAP_ACCESSIBILITY_STATEMENT",
        ),
        ({"NAP_ENV_FILE": "nergens.env"}, "nergens.env"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "sqlite:///x?foo=1"}, "DATABASE_URL"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "mysql://u:geheim@h/n"}, "DATABASE_URL"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "postgresql://u:geheim@h:port/n"}, "DATABASE_URL"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "postgresql://u:geheim@h"}, "DATABASE_URL"),
        ({"NAP_SECRET_KEY": KEY, "DATABASE_URL": "://"}, "DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(environment, named):
    result = start(**environment)

    assert result.returncode != 0
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    # A URL can hold a password.
    assert "geheim" not in result.stderr


def test_a_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "binary.env"
    file.write_bytes(b"\xff\xfe")

    result = start(NAP_ENV_FILE=str(file))

    assert result.returncode != 0
    assert "binary.env" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_the_web_server_is_told_in_one_sentence_too():
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NAP_")}
    result = subprocess.run(
        [sys.executable, "-c", "import napmonitor.wsgi"],
        cwd=ROOT,
        env={**clean, "NAP_ENV_FILE": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode != 0
    assert "NAP_SECRET_KEY" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_database_that_is_not_there_or_empty_is_one_sentence(tmp_path):
    for url in ("sqlite:////nergens/x.db", f"sqlite:///{tmp_path}/leeg.db"):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NAP_")}
        result = subprocess.run(
            [sys.executable, "manage.py", "render_report", "2025", "--output", f"{tmp_path}/b.pdf"],
            cwd=ROOT,
            env={**clean, "NAP_ENV_FILE": "", "NAP_SECRET_KEY": KEY, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )

        assert result.returncode != 0
        assert "migrate" in result.stderr
        assert "Traceback" not in result.stderr
        assert not (tmp_path / "b.pdf").exists()


def test_right_settings_start():
    result = start(NAP_SECRET_KEY=KEY)

    assert result.returncode == 0, result.stderr


def test_debug_needs_no_secret():
    assert start(NAP_DEBUG="True").returncode == 0


def test_an_env_file_fills_what_the_environment_leaves_out(tmp_path):
    file = tmp_path / ".env"
    file.write_text(f"# secret\nNAP_SECRET_KEY={KEY}\nNAP_DEBUG=nee\n")

    assert start(NAP_ENV_FILE=str(file), NAP_DEBUG="False").returncode == 0
    assert "NAP_DEBUG" in start(NAP_ENV_FILE=str(file)).stderr


def test_a_line_that_is_no_setting_is_named(tmp_path):
    file = tmp_path / ".env"
    file.write_text("NAP_DEBUG\n")

    assert "line 1" in start(NAP_ENV_FILE=str(file)).stderr


def test_production_settings_pass_the_deploy_check():
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("NAP_")},
            "NAP_ENV_FILE": "",
            "NAP_SECRET_KEY": "aB3$xY7z" * 10,
            "NAP_HTTPS": "True",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
