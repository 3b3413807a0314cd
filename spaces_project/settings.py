"""Settings: one file, read from the environment (see docs/settings.md), loud when something is wrong."""

from __future__ import annotations

from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from .embedded_postgres import EmbeddedPostgres
from .env import BASE_DIR, DATA_DIR, egress_allow, encryption_keys, env, folder, positive, secret
from .kit import limits

DEBUG = env.bool("SPACES_DEBUG", False)
TLS = env.bool("SPACES_TLS", False)
ALLOWED_HOSTS = env.list("SPACES_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("SPACES_TRUSTED_ORIGINS", [])
SECRET_KEY = secret("SPACES_SECRET_KEY", "secret_key")
PEPPERS: dict[int, str] = {1: secret("SPACES_PEPPER", "pepper")}
ENCRYPTION_KEYS = encryption_keys()

INSTALLED_APPS = [
    "spaces_project.apps.ProjectConfig",
    "spaces",
    "memories",
    "chats",
    "spaces_project.apps.OperationsConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "procrastinate.contrib.django",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "spaces_project.middleware.HeadMiddleware",
    "spaces_project.health.HealthMiddleware",
    "spaces_project.middleware.RequestContextMiddleware",
    "spaces_project.api.middleware.DialectMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "spaces_project.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
    "spaces_project.pages.middleware.PageErrorsMiddleware",
]

ROOT_URLCONF = "spaces_project.urls"
WSGI_APPLICATION = "spaces_project.wsgi.application"

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
                "spaces_project.pages.shell.shell",
            ],
            "libraries": {
                "ui": "spaces_project.kit.templatetags.ui",
                "space_pages": "spaces_project.pages.tags",
            },
        },
    }
]

# ------------------------------------------------------------------ database
EMBEDDED = None if env.str("DATABASE_URL", "") else EmbeddedPostgres(DATA_DIR)
STATEMENT_SECONDS = env.int("SPACES_STATEMENT_SECONDS", 60)  # of requests (wsgi.py) and of searches for answers
POOL_SIZE = env.int("SPACES_POOL_SIZE", 16)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(EMBEDDED.url if EMBEDDED else env.str("DATABASE_URL")),
        "ENGINE": "spaces_project.database",
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})
if POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": min(POOL_SIZE, 2), "max_size": POOL_SIZE, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -------------------------------------------------------- people and passwords
AUTH_USER_MODEL = "spaces.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # user names are unique, ignoring case: a functional constraint says so
PASSWORD_HASHERS = ["spaces_project.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": limits.PASSWORD_CHARS},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign_in"
AXES_FAILURE_LIMIT = limits.SIGN_IN_FAILURES
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]  # of what was typed wrong, nothing is kept
AXES_USERNAME_CALLABLE = "spaces_project.passwords.tried_name"
AXES_CLIENT_IP_CALLABLE = "spaces_project.passwords.client_address"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = "__Host-sessionid" if TLS else "spaces_sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if TLS else "spaces_csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "spaces_project.pages.errors.csrf_failure"

# ------------------------------------------------------------------- security
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^v1/", r"^public/", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
if env.bool("SPACES_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.JSON_BODY_BYTES
EGRESS_ALLOW = egress_allow()
MINILM_DIR = folder("SPACES_MINILM_DIR")

# --------------------------------------------------------------------- static
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
ORIGINALS_DIR = DATA_DIR / "originals"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "originals": {
        "BACKEND": env.str("SPACES_ORIGINALS_BACKEND", "memories.originals.OriginalsOnDisk"),
        "OPTIONS": env.json("SPACES_ORIGINALS_OPTIONS", {}),
    },
}
WHITENOISE_USE_FINDERS = env.bool("SPACES_STATIC_FROM_SOURCE", DEBUG)

# ------------------------------------------------------------------- language
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

# ------------------------------------------------------------------------ API
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # it builds one schema of all URLs; ours is one per dialect, and tested
}

# ----------------------------------------------------------------------- jobs
PROCRASTINATE_ON_APP_READY = "spaces_project.jobs.on_app_ready"
ANSWERS_AT_ONCE = positive("SPACES_ANSWERS_AT_ONCE", limits.ANSWERS_AT_ONCE)
SEARCH_LOG_SHARE = env.float("SPACES_SEARCH_LOG_SHARE", 1.0)  # of the searches, 0 to 1
INGESTED_AT_ONCE = positive("SPACES_INGESTED_AT_ONCE", limits.INGESTED_AT_ONCE)
HEARTBEAT_SECONDS = positive("SPACES_HEARTBEAT_SECONDS", 3)
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": 4,
    "update_heartbeat_interval": HEARTBEAT_SECONDS,
    "stalled_worker_timeout": 3 * HEARTBEAT_SECONDS + 1,
}

# -------------------------------------------------------------------- logging
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("SPACES_LOG_LEVEL", "WARNING").upper()},
}

IMPORT_EXPORT_USE_TRANSACTIONS = True
