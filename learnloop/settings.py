"""All settings. What differs between installs comes from the environment (docs/running.md)."""

import logging
import sys
from datetime import timedelta
from pathlib import Path

import pghistory
from csp.constants import NONE, SELF

from learnloop import embedded
from learnloop.env import (
    env_bool,
    env_choice,
    env_float,
    env_int,
    env_list,
    env_postgresql,
    env_text,
    env_url,
    env_webhook_secret,
    kept_secret,
)
from learnloop.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

# Databases, queues, keys and files of this install.
DATA = embedded.data_folder()

# A replay plays a bot with the client that bots use. It is a package of its own, and not installed.
sys.path.append(str(BASE_DIR / "clients" / "python"))

PRODUCTION = env_bool("LEARNLOOP_PRODUCTION")
DEBUG = env_bool("LEARNLOOP_DEBUG")


# Signs sessions. Several machines of one install share it.
SECRET_KEY = env_text("LEARNLOOP_SECRET_KEY") or kept_secret(DATA, "secret_key")
# Encrypts webhook secrets and second factors in the database. The first encrypts, all decrypt.
ENCRYPTION_KEYS = env_list("LEARNLOOP_ENCRYPTION_KEYS") or [kept_secret(DATA, "encryption_key")]

ALLOWED_HOSTS = env_list("LEARNLOOP_HOSTS", default="localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("LEARNLOOP_TRUSTED_ORIGINS")
# Proxies in front that append to X-Forwarded-For. 0: the address is the peer's.
TRUSTED_PROXIES = env_int("LEARNLOOP_TRUSTED_PROXIES", default=0, at_least=0, at_most=5)

INSTALLED_APPS = [
    "learnloop",
    "replay",
    "jobs",
    "serving",
    "training",
    "annotation",
    "ingest",
    "accounts",
    "learnloop.apps.AuditorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_structlog",
    "django_htmx",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "learnloop.middleware.content_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "learnloop.metrics.count_requests",
    "learnloop.health.answer_beside_hosts",
    "learnloop.refusals.explain",
    "learnloop.refusals.refuse_bodies",
    "learnloop.shortcut.straight_to_the_api",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.remember_who",
    "accounts.middleware.current_bot",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "learnloop.urls"
WSGI_APPLICATION = "learnloop.wsgi.application"
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
                "learnloop.navigation.navigation",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ── database and queue ────────────────────────────────────────────────────────────────

DATABASE_URL = env_text("DATABASE_URL") or embedded.addresses(DATA).database
REDIS_URL = env_text("REDIS_URL") or embedded.addresses(DATA).redis

# What comes at once is predicted together (serving/gathering.py): with eight instead of four
# threads, an answer to one of 16 who ask takes a quarter less.
WEB_THREADS = env_int("LEARNLOOP_WEB_THREADS", default=8, at_least=1, at_most=64)
WEB_WORKERS = env_int("LEARNLOOP_WEB_WORKERS", default=1, at_least=1, at_most=32)
# Set by `web` alone: workers fork, and no connection must live through a fork.
_KEEPS_CONNECTIONS = env_bool("LEARNLOOP_KEEP_CONNECTIONS")

# Seconds after which a request is answered 408 when no more of its body comes.
BODY_TIMEOUT = env_float("LEARNLOOP_BODY_TIMEOUT", default=10, at_least=0.1, at_most=60)
# Signed requests a second that one bot may send to one web process.
EVENTS_RATE = env_int("LEARNLOOP_EVENTS_RATE", default=1000, at_least=1, at_most=100_000)
# Requests for predictions a second that one bot may send to one web process.
PREDICT_RATE = env_int("LEARNLOOP_PREDICT_RATE", default=1000, at_least=1, at_most=100_000)
# Model versions that a web process keeps in memory at most, of all bots together.
WARM_VERSIONS = env_int("LEARNLOOP_WARM_VERSIONS", default=8, at_least=2, at_most=1000)
# Predictions of one bot that are queued for their own sake, an hour.
QUEUED_AN_HOUR = env_int("LEARNLOOP_QUEUED_AN_HOUR", default=60, at_least=0, at_most=100_000)
# The front (learnloop/front.py) takes no more than this either.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

DATABASES = {"default": env_postgresql("DATABASE_URL", default=DATABASE_URL)}
# A connection that the database closed is found out before a request trips over it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env_bool("LEARNLOOP_DATABASE_PREPARE", default=True):
    # The hottest statements are planned once a connection. Only accounts/pipelining.py asks for it.
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 1
if _KEEPS_CONNECTIONS:
    # One a thread, and no longer than this: what it planned and cached would only grow.
    DATABASES["default"]["CONN_MAX_AGE"] = 3600
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── people ────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    # Logs in as Django's own does; what somebody may do comes from their role in the bot.
    "accounts.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"

# Wrong tries of one account from one address before a pause.
LOGIN_TRIES = env_int("LEARNLOOP_LOGIN_TRIES", default=5, at_least=1, at_most=100)
# The same from one address, whatever the account, and of one account, whatever the address.
LOGIN_TRIES_PER_ADDRESS = env_int(
    "LEARNLOOP_LOGIN_TRIES_PER_ADDRESS", default=50, at_least=1, at_most=1000
)
LOGIN_TRIES_PER_ACCOUNT = env_int(
    "LEARNLOOP_LOGIN_TRIES_PER_ACCOUNT", default=50, at_least=1, at_most=1000
)
# Minutes.
LOGIN_PAUSE = env_float("LEARNLOOP_LOGIN_PAUSE", default=15, at_least=0.1, at_most=1440)
# Admins of a bot and operators can do nothing before they have set up a second factor.
ADMINS_NEED_SECOND_FACTOR = env_bool("LEARNLOOP_ADMINS_NEED_SECOND_FACTOR")

AXES_FAILURE_LIMIT = LOGIN_TRIES
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "accounts.throttling.LoginTries"
AXES_RESET_ON_SUCCESS = True
AXES_COOLOFF_TIME = timedelta(minutes=LOGIN_PAUSE)
# Tries during the pause neither lengthen it nor pile up in the database.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "accounts.throttling.client_address"
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
# Logins are lines of the log; a table of them would only grow.
AXES_DISABLE_ACCESS_LOG = True

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14  # seconds
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# ── what leaves with every response ───────────────────────────────────────────────────

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ── history and audit log ─────────────────────────────────────────────────────────────

# Histories are read by what they are about; an index for each of their keys would cost each write.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

# Where the end of the audit log is written down, outside of the database. Keep it elsewhere too.
AUDIT_ANCHOR_FILE = Path(
    env_text("LEARNLOOP_AUDIT_ANCHOR_FILE") or DATA / "audit-anchors.jsonl"
).absolute()
# And whom it is sent to, signed with the secret as events are (Standard Webhooks).
AUDIT_ANCHOR_WEBHOOK = env_url("LEARNLOOP_AUDIT_ANCHOR_WEBHOOK")
AUDIT_ANCHOR_SECRET = env_webhook_secret(
    "LEARNLOOP_AUDIT_ANCHOR_SECRET", needed_by="LEARNLOOP_AUDIT_ANCHOR_WEBHOOK"
)
AUDIT_ANCHOR_PRIVATE = env_bool("LEARNLOOP_AUDIT_ANCHOR_PRIVATE")

# ── jobs ──────────────────────────────────────────────────────────────────────────────

# Seconds without a sign of life after which a job goes to another worker.
JOB_LEASE = env_float("LEARNLOOP_JOB_LEASE", default=30, at_least=1, at_most=600)
# Seconds between two rounds of the sweeper.
JOB_SWEEP_EVERY = env_float("LEARNLOOP_JOB_SWEEP_EVERY", default=10, at_least=0.1, at_most=600)
# Days that ended jobs stay on the page.
JOB_KEEP_DAYS = env_int("LEARNLOOP_JOB_KEEP_DAYS", default=30, at_least=1, at_most=3650)

# Whoever shows it as a bearer token may read /metrics. Empty: only this machine may.
METRICS_TOKEN = env_text("LEARNLOOP_METRICS_TOKEN")

# ── files, language, log ──────────────────────────────────────────────────────────────

# The files of model versions.
ARTIFACTS = Path(env_text("LEARNLOOP_ARTIFACTS") or DATA / "artifacts").absolute()

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "artifacts": {
        "BACKEND": "training.artifact_store.WholeFiles",
        "OPTIONS": {"location": ARTIFACTS},
    },
}
MEDIA_ROOT = DATA / "files"

# The Git repository of dataset versions.
DATASETS = Path(env_text("LEARNLOOP_DATASETS") or DATA / "datasets.git").absolute()

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "learnloop.formats"

LOGGING = logging_config(
    level=env_choice("LEARNLOOP_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
    as_json=env_choice("LEARNLOOP_LOG_FORMAT", "json", "text") == "json",
)

# One line a request, when it is answered.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
# It would believe any X-Forwarded-For; learnloop/apps.py names the address instead.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
