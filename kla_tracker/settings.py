"""Every difference between machines, read from the environment once.

Each variable stands in the table of docs/operate.md; a test holds that.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.http.request import validate_host

from kla_tracker import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("VAR_DIR", str(BASE_DIR / "var"))
env.make("VAR_DIR", VAR_DIR)
env.refuse_mistakes()  # nothing else can be looked at without it

# --- Who we are, and who may call us so ---------------------------------------------------------
PORT = env.number("PORT", 8000, least=1, most=65535)
SITE_URL = env.url("SITE_URL", f"http://127.0.0.1:{PORT}")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
DEBUG = env.flag("DEBUG")
if DEBUG and not env.LOOPBACK.issuperset(ALLOWED_HOSTS):
    env.mistake(
        "DEBUG shows the inside of the application to anyone who meets an error, so it is refused "
        "while ALLOWED_HOSTS names more than this machine. Unset DEBUG or ALLOWED_HOSTS."
    )

SECRET_KEY = env.text("SECRET_KEY") or env.secret_key(VAR_DIR / "secret-key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

# How many reverse proxies of ours stand in front; 0 believes no X-Forwarded-… header.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, most=9)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE else []

# --- What it is made of -------------------------------------------------------------------------
INSTALLED_APPS = [
    "kla_tracker",
    "meetings",
    "reports",
    "submissions",
    "agencies",
    "indicators",
    "kla_tracker.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "django_filters",
    "import_export",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "kla_tracker.watching.numbered",
    "kla_tracker.middleware.measured",
    "kla_tracker.middleware.real_address",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "kla_tracker.middleware.browser_policy",
    "kla_tracker.middleware.busy",
    "kla_tracker.middleware.sound_address",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kla_tracker.middleware.session_limits",
    "kla_tracker.middleware.LoginRequired",
    "kla_tracker.searching.paced",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kla_tracker.middleware.second_factor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "kla_tracker.urls"
WSGI_APPLICATION = "kla_tracker.wsgi.application"

# template_partials would set these loaders itself, by changing the settings after the start.
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "kla_tracker.components.filters",
                "kla_tracker.components.parts",
                "kla_tracker.components.bars",
                "kla_tracker.components.files",
                "kla_tracker.components.fields",
                "kla_tracker.components.ways",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Where things are kept ----------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
DATABASES = {
    "default": env.postgres(DATABASE_URL) if DATABASE_URL else env.sqlite(VAR_DIR / "kla.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = env.folder("MEDIA_ROOT", str(VAR_DIR / "media"))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
S3_BUCKET = env.text("S3_BUCKET")  # evidence on the disk without one
STORAGES = {
    "default": env.s3(
        S3_BUCKET,
        endpoint=env.url("S3_ENDPOINT"),
        region=env.text("S3_REGION"),
        access_key=env.text("S3_ACCESS_KEY"),
        secret_key=env.text("S3_SECRET_KEY"),
    )
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "kla_tracker.static.StaticFiles"
        )
    },
}
# In the database, for all processes: which one-time codes were used, and how often one was wrong.
# Nothing that a page shows is read from it.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "used_once"}
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- What may be sent to us ---------------------------------------------------------------------
EVIDENCE_MAX_BYTES = env.number("EVIDENCE_MAX_MB", 25, least=1) * 1024 * 1024
# A clamd that looks into files before others may open them: its socket, or host:port.
CLAMD_ADDRESS = env.clamd(env.text("CLAMD_ADDRESS"))
EVIDENCE_PICTURES = env.flag("EVIDENCE_PICTURES", default=True)
EVIDENCE_MAX_FILES = env.number("EVIDENCE_MAX_FILES", 10, least=1)
EVIDENCE_QUOTA_BYTES = env.number("EVIDENCE_QUOTA_MB", 5 * 1024, least=1) * 1024 * 1024
# What is on its way: parts of files, and those that a form sends; on a disk that all web processes
# share. Kept for some hours after the last part, within a room for each person.
# How long is kept what nobody needs any more; `retention` shows, and deletes when asked.
RETENTION_EVIDENCE_YEARS = env.number("RETENTION_EVIDENCE_YEARS", 5, least=1)
RETENTION_UNUSED_YEARS = env.number("RETENTION_UNUSED_YEARS", 2, least=1)
RETENTION_ACCOUNT_DAYS = env.number("RETENTION_ACCOUNT_DAYS", 365, least=1)
RETENTION_SIGN_IN_DAYS = env.number("RETENTION_SIGN_IN_DAYS", 30, least=1)
ACCESS_LOG_DAYS = env.number("ACCESS_LOG_DAYS", 365, least=180)  # who opened what is terbatas
# Where the chain of the history ended at each sealing, beside the database.
HISTORY_ANCHORS = env.folder("HISTORY_ANCHORS", str(VAR_DIR / "history-anchors.txt"))
# What was destroyed for a person's right, beside the database; `restore` destroys it again.
DESTROYED_LIST = env.folder("DESTROYED_LIST", str(VAR_DIR / "destroyed.jsonl"))
UPLOAD_ROOT = env.folder("UPLOAD_ROOT", str(VAR_DIR / "incoming"))
UPLOADS_PER_MINUTE = env.number("UPLOADS_PER_MINUTE", 60, least=1)
SEARCHES_PER_MINUTE = env.number("SEARCHES_PER_MINUTE", 60, least=1)  # of one person, a process
UPLOAD_KEEP_HOURS = env.number("UPLOAD_KEEP_HOURS", 48, least=1)
UPLOAD_QUOTA_BYTES = env.number("UPLOAD_QUOTA_MB", 250, least=1) * 1024 * 1024
# Bundles of evidence that were asked for, for a day; on a disk that web and worker share.
BUNDLE_ROOT = env.folder("BUNDLE_ROOT", str(VAR_DIR / "bundles"))
BUNDLE_SPARE_BYTES = env.number("BUNDLE_SPARE_MB", 500) * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = UPLOAD_ROOT / "forms"
env.make("UPLOAD_ROOT", FILE_UPLOAD_TEMP_DIR)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "submissions.forms.uploads.LimitHandler",  # counts while reading
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "submissions.forms.uploads.OnDiskHandler",
]

# --- Who is it ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "agencies.User"
AUTHENTICATION_BACKENDS = ["agencies.backends.RoleBackend"]
LOGIN_URL = "masuk"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "masuk"
PASSWORD_HASHERS = [
    "kla_tracker.hashers.ModestArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "kla_tracker.passwords.CommonCoreValidator"},
    {"NAME": "kla_tracker.passwords.OwnWordsValidator"},
]
PASSWORD_RESET_TIMEOUT = 72 * 60 * 60

# Who fails to sign in is slowed down by agencies/actions/signing_in.py.

# Names the example accounts and their password on the sign-in page; for example data only.
EXAMPLE_ACCOUNTS = env.flag("EXAMPLE_ACCOUNTS")

# A second factor (django-allauth), offered to all; these roles cannot go on without one.
# Demanded of those who decide, unless this is for the example or for development.
SECOND_FACTOR_FOR = env.choices(
    "SECOND_FACTOR_FOR",
    [] if EXAMPLE_ACCOUNTS or DEBUG else ["administrator", "verifikator"],
    {"administrator", "verifikator", "pimpinan", "operator"},
)
ACCOUNT_ADAPTER = "agencies.http.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
MFA_ADAPTER = "agencies.http.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "KLA Tracker"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds to either side, for clocks of telephones
MFA_TOTP_LIVES = 90  # ... so long a code is right, and is spent by its first use
MFA_FORMS = {
    "authenticate": "agencies.forms.CodeForm",
    "reauthenticate": "agencies.forms.CodeAgainForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # a browser allows it on this machine only

# Signing in through the government's own accounts, if there is a provider of OpenID Connect.
OIDC_ISSUER = env.url("OIDC_ISSUER")
OIDC_NAME = env.text("OIDC_NAME", "akun pemerintah daerah")
OIDC_MATCH = env.choice("OIDC_MATCH", "email", {"email", "preferred_username"})
SOCIALACCOUNT_ADAPTER = "agencies.http.ProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.text("OIDC_CLIENT_ID"),
                "secret": env.text("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60
SESSION_IDLE_SECONDS = 2 * 60 * 60
SESSION_IDLE_SECONDS_ADMINISTRATOR = 30 * 60
SESSION_STAMP_SECONDS = 5 * 60
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_NAME = "__Host-sesi" if SECURE else "sesi"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
MESSAGE_STORAGE = "kla_tracker.flashes.Flashes"
MESSAGE_COOKIE_NAME = "__Host-kabar" if SECURE else "kabar"
CSRF_COOKIE_HTTPONLY = True  # the token travels in the page, not by script from the cookie

# --- What browsers may do -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [SELF],
        # A browser holds the redirect after a form to this too: the way to the provider.
        "form-action": [SELF, *([env.origin(OIDC_ISSUER)] if OIDC_ISSUER else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 365 * 24 * 60 * 60) if SECURE else 0
# The city's other host names are not ours to decide on.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_SSL_REDIRECT = SECURE and env.flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]

# --- Mail ---------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.mail("EMAIL_FROM", "KLA Tracker <kla@localhost>")

# --- Backup --------------------------------------------------------------------------------------
BACKUP_RECIPIENT = env.text("BACKUP_RECIPIENT")

# --- Words and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LOCALE_PATHS = [
    BASE_DIR / "kla_tracker" / "locale"
]  # what Django and import-export say in the admin
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- What is told to the operator of the machine ------------------------------------------------
LOG_LEVEL = env.choice(
    "LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}, fold=str.upper
)
LOG_FORMAT = env.choice("LOG_FORMAT", "line", {"line", "json"})
METRICS_TOKEN = env.text("METRICS_TOKEN")
# Errors by mail, without what was typed: to whom, and how many in an hour.
ERROR_MAIL_TO = env.mail("ERROR_MAIL_TO")
ERROR_MAILS_PER_HOUR = env.number("ERROR_MAILS_PER_HOUR", 10, least=1)
DEFAULT_EXCEPTION_REPORTER_FILTER = "kla_tracker.reporting.Discreet"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "kla_tracker.watching.Line"},
        "json": {"()": "kla_tracker.watching.Json"},
    },
    "filters": {"numbered": {"()": "kla_tracker.watching.Numbered"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["numbered"],
        },
        "mail": {
            "class": "kla_tracker.reporting.ErrorMail",
            "level": "ERROR",
            "filters": ["numbered"],
        },
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers would mail errors and print twice.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"handlers": ["mail"]},
        "django_tasks": {"handlers": ["mail"]},
        # A line for each request is for programs.
        "kla_tracker.requests": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # Scanners make many of these, each with a traceback; the answer is 400.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}

# --- What cannot be meant -----------------------------------------------------------------------
if env.text("SITE_URL") and not validate_host(urlsplit(SITE_URL).hostname or "", ALLOWED_HOSTS):
    env.mistake("SITE_URL names a host that ALLOWED_HOSTS does not answer to. Add it there.")
if SECURE_SSL_REDIRECT and not TRUSTED_PROXIES:
    env.mistake(
        "SITE_URL is https but TRUSTED_PROXIES is 0, so every page would redirect to itself. Set "
        "TRUSTED_PROXIES to the number of your proxies, or SSL_REDIRECT to no."
    )
if BACKUP_RECIPIENT and not BACKUP_RECIPIENT.startswith("age1"):
    env.mistake("BACKUP_RECIPIENT must be a public key of age, which begins with age1.")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    env.mistake("METRICS_TOKEN must have at least 16 characters: openssl rand -hex 24")
for _one, _other in (
    ("S3_ENDPOINT", "S3_BUCKET"),
    ("S3_REGION", "S3_BUCKET"),
    ("S3_ACCESS_KEY", "S3_SECRET_KEY"),
    ("S3_SECRET_KEY", "S3_ACCESS_KEY"),
    ("OIDC_ISSUER", "OIDC_CLIENT_ID"),
    ("OIDC_CLIENT_ID", "OIDC_ISSUER"),
    ("OIDC_CLIENT_SECRET", "OIDC_ISSUER"),
    ("EMAIL_HOST_USER", "EMAIL_HOST"),
    ("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"),
    ("EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER"),
    ("ERROR_MAIL_TO", "EMAIL_HOST"),
):
    if env.text(_one) and not env.text(_other):
        env.mistake(f"{_one} is set without {_other}. Set both or neither.")
env.refuse_mistakes()
