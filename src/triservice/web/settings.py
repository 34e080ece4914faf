"""Settings from the environment, with defaults that are safe on a developer's machine."""

from __future__ import annotations

import os
from pathlib import Path

BASE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("TRISERVICE_DATA", "data"))

DEBUG = False
SECRET_KEY = os.environ.get("TRISERVICE_SECRET_KEY", "not secret: development and tests only")
ALLOWED_HOSTS = os.environ.get("TRISERVICE_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(
    ","
)
ROOT_URLCONF = "triservice.web.urls"
WSGI_APPLICATION = "triservice.web.wsgi.application"
AUTH_USER_MODEL = "agencies.Officer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "triservice.agencies",
    "triservice.access",
    "triservice.subjects",
    "triservice.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "triservice.web.templating.environment",
            "context_processors": ["triservice.web.context.furniture"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "triservice.sqlite3",
        # A deferred transaction that reads and then writes fails under load; an immediate waits.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
