"""Settings of the web application, from the environment. docs/reference/settings.md lists them.

Everything that the application keeps lies in one folder, NONAGON_HOME: database, facts, uploads, secret.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from nonagon.basics.errors import ArgumentError, NonagonError
from nonagon.engine.backend import DUCKDB, Engine


class SettingError(NonagonError):
    """A setting that cannot be used."""


def _on(name: str, default: bool = False) -> bool:
    given = os.environ.get(name, "").strip().lower()
    if given in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return default if not given else given in {"1", "true", "yes", "on"}
    raise SettingError(f"{name} must be 1 or 0; got {given!r}")


def _whole(name: str, default: int) -> int:
    given = os.environ.get(name, "").strip()
    if given and not given.isdigit():
        raise SettingError(f"{name} must be a whole number; got {given!r}")
    return int(given) if given else default


def _list(name: str, default: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, default).split(",") if one.strip()]


def _engine() -> Engine:
    """Where computations run; pages read their rows in the server's own process in any case."""
    try:
        return Engine(os.environ.get("NONAGON_ENGINE", "").strip() or DUCKDB.word)
    except ArgumentError as error:
        raise SettingError(f"NONAGON_ENGINE: {error}") from error


def _secret(home: Path) -> str:
    """The key that signs sessions: from the environment, or made once and kept beside the database."""
    given = os.environ.get("NONAGON_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise SettingError(f"NONAGON_SECRET_KEY must have at least 32 characters; got {len(given)}")
        return given
    home.mkdir(parents=True, exist_ok=True)
    file = home / "secret_key"
    try:
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return file.read_text()


def _database(home: Path) -> dict[str, Any]:
    """SQLite in NONAGON_HOME, or PostgreSQL by NONAGON_DATABASE=postgresql://user:password@host:port/name."""
    given = os.environ.get("NONAGON_DATABASE", "")
    if not given:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "nonagon.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": os.environ.get("NONAGON_TEST_SQLITE") or None},
        }
    address = urlsplit(given)
    if address.scheme not in {"postgresql", "postgres"} or not address.path.strip("/"):
        raise SettingError(
            f"NONAGON_DATABASE must look like postgresql://user:password@host:5432/name; got {address.scheme}://…"
        )
    query = dict(part.split("=", 1) for part in address.query.split("&") if "=" in part)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.path.strip("/"),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(query.get("host", address.hostname or "")),
        "PORT": str(address.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _single_sign_on() -> dict[str, Any]:
    """The organization's own identity provider by OpenID Connect; nothing where none is set up."""
    if not os.environ.get("NONAGON_OIDC_SERVER"):
        return {}
    app = {
        "provider_id": "oidc",
        "name": os.environ.get("NONAGON_OIDC_NAME", "Single sign-on"),
        "client_id": os.environ.get("NONAGON_OIDC_CLIENT_ID", ""),
        "secret": os.environ.get("NONAGON_OIDC_SECRET", ""),
        "settings": {"server_url": os.environ["NONAGON_OIDC_SERVER"]},
    }
    return {
        "openid_connect": {
            "APPS": [app],
            # Of the provider that the organization runs itself: an address that it vouches for is the member's.
            "EMAIL_AUTHENTICATION": True,
            # A code that somebody else was given cannot be used here (RFC 7636).
            "OAUTH_PKCE_ENABLED": True,
        }
    }


HOME = Path(os.environ.get("NONAGON_HOME", "nonagon-home")).resolve()
DEBUG = _on("NONAGON_DEBUG")
HTTPS = _on("NONAGON_HTTPS")
SECRET_KEY = _secret(HOME)
ALLOWED_HOSTS = _list("NONAGON_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("NONAGON_ORIGINS", "")
DATABASES = {"default": _database(HOME)}
AUTH_USER_MODEL = "accounts.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STEPS = (
    "step1_customers",
    "step2_market",
    "step3_needs",
    "step4_characteristics",
    "step5_opportunities",
    "step6_improvements",
    "step7_control",
    "step8_aftersales",
    "step9_results",
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # pages of allauth use it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "nonagon.accounts",
    "nonagon.process",
    "nonagon.ui",
    *(f"nonagon.steps.{step}" for step in STEPS),
    "nonagon.workspace",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "nonagon.ui.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nonagon.accounts.middleware.LanguageOfPerson",
    "nonagon.accounts.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "nonagon.accounts.middleware.SecondFactorFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "nonagon.app.urls"
WSGI_APPLICATION = "nonagon.app.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours before those of the libraries, which have pages of the same names.
        "DIRS": [
            Path(__file__).parent.parent / "ui" / "templates",
            Path(__file__).parent.parent / "accounts" / "templates",
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nonagon.ui.context.product",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [Path(__file__).parent.parent / "ui" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("NONAGON_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from the package's own folders: nothing has to be collected before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = HOME / "media"

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "nonagon.accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "nonagon.accounts.adapter.SocialAccountAdapter"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Beside allauth's own limits; all count in memory, which the one server process has.
ACCOUNT_RATE_LIMITS = {"setup": "10/5m/ip", "invitation": "30/5m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _on("NONAGON_BEHIND_PROXY") else 0
USERSESSIONS_TRACK_ACTIVITY = False
# Whom an owner invited may protect the account before any mail is set up on this server.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "Nonagon"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = _single_sign_on()

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("NONAGON_SMTP_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = os.environ.get("NONAGON_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("NONAGON_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("NONAGON_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("NONAGON_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _on("NONAGON_SMTP_TLS", True)
DEFAULT_FROM_EMAIL = os.environ.get("NONAGON_MAIL_FROM", "nonagon@localhost")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_SSL_REDIRECT = HTTPS and _on("NONAGON_HTTPS_REDIRECT")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _on("NONAGON_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Files are written to disk piece by piece as they arrive, and refused as soon as they are too large.
FILE_UPLOAD_HANDLERS = ["nonagon.workspace.uploads.LimitedUpload"]
UPLOAD_LIMIT = _whole("NONAGON_UPLOAD_MB", 4096) * 2**20
CYCLE_LIMIT = _whole("NONAGON_CYCLE_MB", 20480) * 2**20
# Folders of the server from which a cycle folder may be brought in by its path; none: only as a zip.
IMPORT_FOLDERS = [Path(one).resolve() for one in _list("NONAGON_IMPORT_FOLDERS", "")]

ENGINE = _engine()
API_RATE = os.environ.get("NONAGON_API_RATE", "600/m")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"nonagon": {"level": os.environ.get("NONAGON_LOG", "INFO")}},
}
