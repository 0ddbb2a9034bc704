"""Settings of NAP-monitor; everything that differs per place comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from napmonitor.environment import (
    env_address,
    env_base_url,
    env_bool,
    env_contacts,
    env_database,
    env_date,
    env_folder,
    env_int,
    env_link,
    env_list,
    env_mail_server,
    env_origins,
    env_secret,
    env_sender,
    env_theme,
    read_env_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# The file may be missing, unless it is named. An empty name means: read no file; the tests do.
if named := os.environ.get("NAP_ENV_FILE"):
    read_env_file(Path(named))
elif named is None and (BASE_DIR / ".env").is_file():
    read_env_file(BASE_DIR / ".env")

DEBUG = env_bool("NAP_DEBUG", default=False)
SECRET_KEY = env_secret("NAP_SECRET_KEY", debug=DEBUG)
ALLOWED_HOSTS = env_list("NAP_ALLOWED_HOSTS", default=("127.0.0.1", "localhost"))
CSRF_TRUSTED_ORIGINS = env_origins("NAP_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "napmonitor.site",
    "napmonitor.accounts",
    "napmonitor.audit",
    "actions",
    "reports",
    "napmonitor.apps.NapMonitorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "rest_framework",
]

# Work in the background; the queue is a table of the same database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "napmonitor.site.freshness.FreshnessMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "napmonitor.site.errors.NotAllowedMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "napmonitor.audit.middleware.OriginMiddleware",
    # The history of reference data learns from it who is signed in.
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "napmonitor.urls"
WSGI_APPLICATION = "napmonitor.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": env_database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["napmonitor.accounts.backends.MembershipBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "napmonitor.accounts.validators.LongEnough",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "napmonitor.site.errors.csrf_failure"

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# What is compressed already gains nothing and takes half a minute.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "svgz", "ttf", "woff", "woff2"]
# Fonts and components come from npm packages at build time; `make setup` fetches and joins them.
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [
    BASE_DIR / "static",
    BASE_DIR / "build" / "static",
    ("vendor/dejavu", BASE_DIR / "node_modules" / "dejavu-fonts-ttf" / "ttf"),
    (
        "vendor/markdown-toolbar-element",
        BASE_DIR / "node_modules" / "@github" / "markdown-toolbar-element" / "dist",
    ),
    ("vendor/fira-sans", BASE_DIR / "node_modules" / "@fontsource" / "fira-sans" / "files"),
]
# Pages for everyone, each a few kilobytes; a version of what is public has its own. Processes that
# share a folder make each page once; without one, each process makes its own.
NAP_CACHE_DIR = env_folder("NAP_CACHE_DIR")
_LOCAL = "django.core.cache.backends.locmem.LocMemCache"
_PAGES: dict[str, object] = {
    "BACKEND": _LOCAL,
    "LOCATION": "pages",
    "TIMEOUT": 24 * 60 * 60,
    "OPTIONS": {"MAX_ENTRIES": 2000},
}
if NAP_CACHE_DIR:
    _PAGES |= {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": NAP_CACHE_DIR / "pages",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
CACHES = {"default": {"BACKEND": _LOCAL}, "pages": _PAGES}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Behind TLS everything is secure-only; the demonstration on plain HTTP turns it off.
HTTPS = env_bool("NAP_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
HSTS_SECONDS = env_int("NAP_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
BEHIND_PROXY = env_bool("NAP_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    # Only behind a proxy that sets this header itself: elsewhere anyone could claim TLS with it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# A health probe inside the network asks without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS

# How long the link in an invitation works, and after how long an ended account loses its name.
NAP_INVITATION_DAYS = env_int("NAP_INVITATION_DAYS", default=7)
NAP_PSEUDONYMISE_AFTER_DAYS = env_int("NAP_PSEUDONYMISE_AFTER_DAYS", default=365)

# How long, in seconds, the link works that is sent to who forgot a password.
PASSWORD_RESET_TIMEOUT = 60 * 60

# Shows the demonstration banner and allows `seed_demo` to make local accounts.
NAP_DEMO = env_bool("NAP_DEMO", default=False)

# The emblem, the logo and the type of the ministry; only it may use them. See docs/house-style.md.
NAP_HOUSE_STYLE = env_folder("NAP_HOUSE_STYLE")

# What a ministry adds to the look of the public site. See docs/theme.md.
NAP_THEME = env_theme("NAP_THEME")
if NAP_THEME:
    STATICFILES_DIRS.append(("theme", NAP_THEME.folder))

# Who runs this site: where readers write to, and the statement in the national register.
NAP_CONTACT = env_address("NAP_CONTACT")
NAP_ACCESSIBILITY_STATEMENT = env_link("NAP_ACCESSIBILITY_STATEMENT")

# Whom to tell of a weakness, for security.txt, and the day on which that no longer holds; or where
# another organisation keeps that file.
NAP_SECURITY_CONTACT = env_contacts("NAP_SECURITY_CONTACT")
NAP_SECURITY_EXPIRES = env_date("NAP_SECURITY_EXPIRES", required=bool(NAP_SECURITY_CONTACT))
NAP_SECURITY_TXT = env_link("NAP_SECURITY_TXT")

# Mail is sent by a command, which no browser tells where the site is.
NAP_BASE_URL = env_base_url(
    "NAP_BASE_URL", default="http://127.0.0.1:8000" if NAP_DEMO or DEBUG else ""
)
_MAIL_SERVER = env_mail_server("NAP_EMAIL_URL")
EMAIL_BACKEND = _MAIL_SERVER.backend
EMAIL_HOST, EMAIL_PORT = _MAIL_SERVER.host, _MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL_SERVER.user, _MAIL_SERVER.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL_SERVER.starttls, _MAIL_SERVER.tls
# A coordinator who reminds a ministry waits this long, in seconds, for a server that is silent.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_sender("NAP_MAIL_FROM", required=bool(_MAIL_SERVER.host))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
