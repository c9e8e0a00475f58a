"""Django's settings, made from the environment (see docs/reference/settings.md)."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from clientela.config import database, environment, logs, mail, oidc

DATA_FOLDER = environment.data_folder()
SECRET_KEY = environment.secret_key(DATA_FOLDER)
SECRET_KEY_FALLBACKS = environment.items("CLIENTELA_SECRET_KEY_FALLBACKS")
DEBUG = environment.flag("CLIENTELA_DEBUG")
ALLOWED_HOSTS = environment.items("CLIENTELA_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.items("CLIENTELA_TRUSTED_ORIGINS")
BASE_CURRENCY = environment.text("CLIENTELA_BASE_CURRENCY")
WORKSPACE_NAME = environment.text("CLIENTELA_WORKSPACE_NAME")
DEFAULT_COUNTRY = environment.text("CLIENTELA_COUNTRY")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "clientela.config.apps.StaticConfig",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "clientela.config.apps.ConfigConfig",
    "clientela.ui",
    "clientela.access",
    "clientela.records",
    "clientela.platform.people",
    "clientela.platform.audit",
    "clientela.platform.signing",
    "clientela.platform.timeline",
    "clientela.platform.attachments",
    "clientela.platform.savedviews",
    "clientela.platform.lists",
    "clientela.platform.editing",
    "clientela.platform.pages",
    "clientela.platform.looks",
    "clientela.platform.search",
    "clientela.platform.transfer",
    "clientela.platform.api",
    "clientela.platform.boards",
    "clientela.platform.settings",
    "clientela.platform.history",
    "clientela.platform.duplicates",
    "clientela.platform.privacy",
    "clientela.platform.rights",
    "clientela.platform.handover",
    "clientela.domain.parties",
    "clientela.domain.sales",
]

MIDDLEWARE = [
    "clientela.config.middleware.proxy_middleware",
    # Outside of all that may answer by itself, so that no answer lacks the headers.
    "clientela.config.middleware.headers_middleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "clientela.config.middleware.unasked_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clientela.config.middleware.locale_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clientela.platform.signing.middleware.session_middleware",
    "clientela.platform.people.seeing.middleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "clientela.config.urls"
WSGI_APPLICATION = "clientela.config.wsgi.application"

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "clientela.ui.jinja.environment",
            "auto_reload": DEBUG,
            "context_processors": [*CONTEXT_PROCESSORS, "clientela.platform.pages.shell.context"],
        },
    },
    {
        # Only for the texts of allauth's mails and for Django's own error pages while developing.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]

DATABASES = {
    "default": database.parse(
        environment.text("CLIENTELA_DATABASE_URL"),
        folder=DATA_FOLDER,
        pool=environment.number("CLIENTELA_DATABASE_POOL"),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.text("CLIENTELA_REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}
# A cache of its own in each process would keep a session alive after its end in another one.
SESSION_ENGINE = f"django.contrib.sessions.backends.{'cached_db' if REDIS_URL else 'db'}"
SESSION_COOKIE_AGE = 14 * 24 * 3600

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "transfer"]}}

# Who signs in, and how
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "clientela.platform.signing.passwords.DressedUpValidator"},
    {"NAME": "clientela.platform.signing.passwords.WordsValidator"},
    {"NAME": "clientela.platform.signing.passwords.LeakedValidator"},
]
PASSWORD_WORDS = environment.items("CLIENTELA_PASSWORD_WORDS")
LEAKED_PASSWORDS = environment.readable_file("CLIENTELA_LEAKED_PASSWORDS")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "clientela.config.account.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {
    "reset_password": "clientela.platform.signing.forms.ResetForm",
    "reauthenticate": "clientela.platform.signing.forms.ConfirmPasswordForm",
    "change_password": "clientela.platform.signing.forms.NewPasswordForm",
}
# Counted by platform.signing.throttle instead: for all processes, and never against the innocent.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "",
    "reset_password": "",
    "reauthenticate": "",
    "change_password": "",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
PASSWORD_RESET_TIMEOUT = 10 * 60

REQUIRE_MFA = environment.flag("CLIENTELA_REQUIRE_MFA")
MFA_ADAPTER = "clientela.config.account.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 0  # thirty seconds, no more (ASVS 5.0 V6.5.5)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator gave the address, the invitation has reached it
MFA_FORMS = {
    "authenticate": "clientela.platform.signing.forms.SignInCodeForm",
    "reauthenticate": "clientela.platform.signing.forms.ConfirmCodeForm",
    "activate_totp": "clientela.platform.signing.forms.ActivateCodeForm",
    "login_webauthn": "clientela.platform.signing.forms.SignInPasskeyForm",
    "authenticate_webauthn": "clientela.platform.signing.forms.SecondPasskeyForm",
    "reauthenticate_webauthn": "clientela.platform.signing.forms.ConfirmPasskeyForm",
}

OIDC_PROVIDERS = oidc.providers(environment.text("CLIENTELA_OIDC"))
SOCIALACCOUNT_ADAPTER = "clientela.config.account.CompanyAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC_PROVIDERS}}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# Words, dates and amounts
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.text("CLIENTELA_TIME_ZONE")
LANGUAGE_CODE = environment.text("CLIENTELA_LANGUAGE")
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("es", _("Spanish")), ("ca", _("Catalan")), ("en", _("English"))]

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_ROOT = DATA_FOLDER / "files"
FILE_LIMIT = environment.number("CLIENTELA_FILE_LIMIT") << 20
SCAN_COMMAND = environment.words("CLIENTELA_SCAN_COMMAND")
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "clientela.config.static.StaticStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
# Nothing that is sent at once needs more; it is refused before any of it is read.
LARGEST_REQUEST = max(1 << 30, 4 * FILE_LIMIT)
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail
EMAIL_BACKEND, _mail_options = mail.parse(environment.text("CLIENTELA_EMAIL_URL"))
EMAIL_HOST = _mail_options.host
EMAIL_PORT = _mail_options.port
EMAIL_HOST_USER = _mail_options.user
EMAIL_HOST_PASSWORD = _mail_options.password
EMAIL_USE_TLS = _mail_options.starttls
EMAIL_USE_SSL = _mail_options.ssl
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("CLIENTELA_EMAIL_FROM")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Headers
CERTIFICATE = environment.certificate()
REQUIRE_TLS = environment.flag("CLIENTELA_REQUIRE_TLS")
HTTPS = environment.flag("CLIENTELA_HTTPS")
PROXIES = environment.number("CLIENTELA_PROXIES")
CALLS_PER_MINUTE = environment.number("CLIENTELA_CALLS_PER_MINUTE")
# With __Host- a browser takes these cookies from this very host only, over https only (RFC 6265bis §4.1.3).
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/v"]  # refused by our own middleware instead
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *oidc.origins(OIDC_PROVIDERS)],
    }
}

LOGGING = logs.configuration(
    environment.text("CLIENTELA_LOG_LEVEL"), environment.choice("CLIENTELA_LOG_FORMAT", logs.FORMATS)
)
