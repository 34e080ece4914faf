"""Django's settings: what the environment chose (environ.py) and what no deployment may change.

With TRISERVICE_ENV=production and anything unsafe, this module raises: no server, worker or
command starts, and it says why.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from triservice.agencies.sign_in.settings import *  # noqa: F403  (accounts, factors, directories)
from triservice.agencies.sign_in.settings import SIGN_IN_APPS, SIGN_IN_MIDDLEWARE
from triservice.web import environ

ENVIRON = environ.read(os.environ)
if ENVIRON.production and (reasons := environ.unsafe(ENVIRON)):
    raise ImproperlyConfigured("triservice does not start in production: " + " ".join(reasons))

BASE = Path(__file__).resolve().parent
DATA = ENVIRON.data
LAKE = ENVIRON.lake  # the events that pictures are made of
PRODUCTION = ENVIRON.production
WEAKNESSES = ENVIRON.weaknesses  # lists of those that components have; none: not compared
BREACHED_PASSWORDS = ENVIRON.breached_passwords  # a file of hashes; None: not compared
DEMO = ENVIRON.demo and not PRODUCTION  # one-click sign-in of invented people

DEBUG = ENVIRON.debug and not PRODUCTION
SECRET_KEY = ENVIRON.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRON.old_secret_keys)
ALLOWED_HOSTS = list(ENVIRON.hosts)
CSRF_TRUSTED_ORIGINS = list(ENVIRON.origins)
ROOT_URLCONF = "triservice.web.urls"
WSGI_APPLICATION = "triservice.web.wsgi.application"
AUTH_USER_MODEL = "agencies.Officer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *SIGN_IN_APPS,
    "csp",
    "django_tasks",
    "django_tasks_db",
    "triservice.agencies",
    "triservice.access",
    "triservice.offline",
    "triservice.subjects",
    "triservice.casework",
    "triservice.picture",
    "triservice.web",
]
MIDDLEWARE = [
    "triservice.web.middleware.requests.ClientAddress",
    "triservice.web.middleware.requests.RequestRecord",
    "triservice.web.middleware.requests.OneAtATime",
    "triservice.web.middleware.requests.NoPlainApi",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "triservice.web.middleware.headers.Headers",
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if PRODUCTION else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "triservice.web.middleware.limits.RateLimits",
    "triservice.web.uploads.TakesFiles",  # before the form is read for its token
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "triservice.web.middleware.sessions.SessionLimits",
    *SIGN_IN_MIDDLEWARE,
    "triservice.access.pages.AccessMiddleware",
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

# ---- What is kept, and where -------------------------------------------------------------------
DATABASES = {"default": environ.database_of(ENVIRON)}
CACHES = {  # in the database, so that every worker counts the same failed sign-ins
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
MEDIA_ROOT = DATA / "files"
FILE_BYTES = ENVIRON.file_mb * 1024 * 1024  # of one file on a case
CLAMD = ENVIRON.clamd
SEND_TO = ENVIRON.send_to
SEND_CA = ENVIRON.send_ca
FILE_UPLOAD_HANDLERS = ["triservice.web.uploads.NoFiles"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

mail = environ.mail_of(ENVIRON)
EMAIL_BACKEND = mail.pop("EMAIL_BACKEND")
globals().update(mail)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRON.mail_from

# ---- Signing in --------------------------------------------------------------------------------
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# ---- Sessions and cookies ----------------------------------------------------------------------
SESSION_IDLE_SECONDS = ENVIRON.idle_minutes * 60
SESSION_WHOLE_SECONDS = ENVIRON.session_hours * 3600
OFFLINE_HOURS = ENVIRON.offline_hours  # that a phone keeps what it took along
SESSION_COOKIE_AGE = SESSION_WHOLE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "triservice-session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "triservice-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# What was done to whom is said once, from the session: a cookie of its own would keep names.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict would break coming back from OIDC
CSRF_FAILURE_VIEW = "triservice.web.errors.csrf_failure"

# ---- What the browser is told ------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes come from inside
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXY = ENVIRON.proxy
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The one script inside a page: the GOV.UK template marks that scripts run. A test compares.
GOVUK_SCRIPT = "'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='"
BASEMAP = ENVIRON.basemap  # address of tiles or a style; empty: no request leaves the page
basemap_origin = ["/".join(BASEMAP.split("/")[:3])] if "://" in BASEMAP else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", GOVUK_SCRIPT],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *basemap_origin],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *basemap_origin],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'", *ENVIRON.sign_in_origins],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        **({"upgrade-insecure-requests": True} if PRODUCTION else {}),
    }
}

# ---- Limits, logs, checks ----------------------------------------------------------------------
RATE_LIMITS_ON = True
PAGES_PER_MINUTE = ENVIRON.pages_per_minute  # of one officer, from wherever
MOST_OPEN_REQUESTS = ENVIRON.open_requests  # of one officer, that wait for owners
LOGGING_CONFIG = "triservice.web.logs.configure"
LOGGING = {"level": ENVIRON.log_level}
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # preload lists are the decision of who owns the domain
]
if not PRODUCTION:  # a developer's machine has no certificate
    SILENCED_SYSTEM_CHECKS += [f"security.W{number:03}" for number in (4, 8, 9, 12, 16, 18)]
