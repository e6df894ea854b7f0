"""Every setting, with its value from the environment where an operator may want another. Development needs none.

Product facts (prices, frame sizes, limits of a prompt) live beside their code.
"""

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import environ
from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured

from runwayweb import neighbours
from runwayweb.accounts import elsewhere

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):
    """The environment, naming the variable when its value is nonsense. Raises ImproperlyConfigured."""

    def get_value(self, var, *args, **kwargs):
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(f"{var} is {os.environ.get(var)!r}, which is not a number.") from None


env = Environment()


def secret_key(folder: Path) -> str:
    """The key kept in the data folder, made on first start (mode 600, never in the repository)."""
    path = folder / "secret_key"
    try:
        if not path.exists():
            # Written beside and moved in: two processes that start at once must agree, and neither read half a key.
            descriptor, draft = tempfile.mkstemp(dir=folder)  # mode 600
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(50))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            os.unlink(draft)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be written ({error.strerror}). Set RUNWAYWEB_DATA to a folder that can."
        ) from None


def make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be made ({error.strerror}). Set RUNWAYWEB_DATA to a folder that can."
        ) from None
    return folder


def embedded_socket(folder: Path) -> Path:
    """Where the embedded Valkey listens: in the data folder, or in a short one, since socket paths end at 107 bytes."""
    path = folder / "valkey.sock"
    if len(bytes(path)) <= 100:
        return path
    name = hashlib.sha256(bytes(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"runwayweb-{os.getuid()}-{name}" / "valkey.sock"


# The house's own: one folder holds everything an installation keeps on disk.
DATA_DIR = make_folder(Path(env.str("RUNWAYWEB_DATA", default=str(BASE_DIR / "var"))).resolve())
# Where the web processes of this machine keep their counts for /metrics. Here, since prometheus_client wants to know
# when it is first imported, by whichever package.
METRICS_DIR = DATA_DIR / "metrics"
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
BIND = env.str("BIND", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
DEBUG = env.bool("DEBUG", default=True)
# Where files are kept for all machines alike: a bucket of S3, or of another that speaks as it does. None: MEDIA_ROOT.
S3 = neighbours.bucket(env)
if S3 and not env.str("SECRET_KEY", default=""):
    raise ImproperlyConfigured(
        "S3_BUCKET is set and SECRET_KEY is not: each machine would make a key of its own, and none could open what "
        "another signed. Give all of them the same SECRET_KEY, at least 50 random characters."
    )
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(DATA_DIR)
make_folder(METRICS_DIR)  # now that what is wrong with the folder itself was said
SECRET_KEY_FALLBACKS = env.list(
    "SECRET_KEY_FALLBACKS", default=[]
)  # those of before: what they signed and sealed opens

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "DEBUG is off and ALLOWED_HOSTS is empty. Set ALLOWED_HOSTS to the names people reach this site by, "
        "separated by commas, for example ALLOWED_HOSTS=studio.example.org"
    )
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
if DEBUG and BIND not in THIS_MACHINE:
    raise ImproperlyConfigured(
        f"DEBUG is on and BIND is {BIND}: others could read this machine's secrets from an error page. "
        "Set DEBUG=off and ALLOWED_HOSTS, or leave BIND at 127.0.0.1."
    )
# Behind a proxy that speaks TLS: off only where people reach the site by plain HTTP, on a closed network.
HTTPS = env.bool("HTTPS", default=not DEBUG)
CSRF_TRUSTED_ORIGINS = env.list(
    "CSRF_TRUSTED_ORIGINS",
    default=[f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host != "*"] if HTTPS else [],
)

# What links in mails begin with.
_names = [host.lstrip(".") for host in ALLOWED_HOSTS if host != "*"] or ["localhost"]
SITE_URL = env.str("SITE_URL", default="").rstrip("/") or (
    f"http://localhost:{PORT}" if DEBUG else f"{'https' if HTTPS else 'http'}://{_names[0]}"
)

INSTALLED_APPS = [
    "runwayweb.accounts",
    "runwayweb.subscriptions",
    "runwayweb.assets",
    "generation",
    "projects",
    "runwayweb.api",
    "runwayweb.console",
    "runwayweb",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "django_rq",
    "template_partials",
    "runwayweb.console.admin_config.StudioAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "runwayweb.trail.TrailMiddleware",
    "runwayweb.metrics.counting.CountedMiddleware",
    "runwayweb.api.middleware.WireMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "runwayweb.stamped.StaticFilesMiddleware",
    "runwayweb.not_kept.NotKeptMiddleware",
    "runwayweb.outage.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "runwayweb.accounts.suspended.SuspendedMiddleware",
    "runwayweb.accounts.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "runwayweb.accounts.impersonation.ImpersonationMiddleware",
    "runwayweb.accounts.agreeing.TermsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "runwayweb.accounts.sessions.LastSeenMiddleware",
    "runwayweb.accounts.device.DeviceMiddleware",
]

ROOT_URLCONF = "runwayweb.urls"
ASGI_APPLICATION = "runwayweb.asgi.application"

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
                "csp.context_processors.nonce",
                "runwayweb.accounts.context.doors",
                "projects.context.studio",
            ],
        },
    },
]

# SQLite in WAL mode, and every write transaction IMMEDIATE: deferred ones fail at once when two of them upgrade.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'runwayweb.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "runwayweb.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)  # seconds; it may be frozen
    if _pool := neighbours.pool(env):
        DATABASES["default"]["OPTIONS"]["pool"] = _pool
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Valkey carries hints only: the database is the truth, and losing this server loses nothing.
# Unset: the embedded server that `manage.py up` starts, on a socket only this user can open.
EMBEDDED_VALKEY_SOCKET = embedded_socket(DATA_DIR)
EMBEDDED_VALKEY = not env.str("VALKEY_URL", default="")
VALKEY_URL = neighbours.trusting(
    env.str("VALKEY_URL", default="") or f"unix://{EMBEDDED_VALKEY_SOCKET}?db=0", env.str("VALKEY_CA_FILE", default="")
)
_valkey = urlsplit(VALKEY_URL)
if (
    _valkey.scheme != "unix"
    and _valkey.hostname not in THIS_MACHINE
    and not (_valkey.password or parse_qs(_valkey.query).get("password"))
):
    # Without its own: the address may hold a name that is nobody else's business.
    raise ImproperlyConfigured(
        "VALKEY_URL names a server on the network and no password: whoever reaches it could order work and read what "
        "is on its way. Give it one (requirepass, or an ACL user): redis://:password@host:6379/0"
    )
CHANNEL_LAYERS = {"default": {"BACKEND": "generation.layer.ChannelLayer", "CONFIG": {"hosts": [VALKEY_URL]}}}
RQ_QUEUES = {
    name: {
        "URL": VALKEY_URL,
        "SERIALIZER": "rq.serializers.JSONSerializer",
        "REDIS_CLIENT_KWARGS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }
    for name in ("gpu", "media")
}
RQ_SHOW_ADMIN_LINK = False  # its pages end in errors for addresses that anybody makes up; the console shows the line
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "OPTIONS": {
            "serializer": "runwayweb.cache.JSONSerializer",  # Django's own is pickle
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
        },
    }
}

# The life of a generation
LEASE_SECONDS = env.float("LEASE_SECONDS", default=30)
LEASE_RENEWAL_SECONDS = env.float("LEASE_RENEWAL_SECONDS", default=LEASE_SECONDS / 3)
DISPATCH_SECONDS = env.float("DISPATCH_SECONDS", default=2)
BEAT_SECONDS = env.float("BEAT_SECONDS", default=5)
# How long a run waits for a machine that has its model, before it fails: machines are started anew now and then.
MODEL_AWAY_SECONDS = env.float("MODEL_AWAY_SECONDS", default=600)
# Models whose machines are started when a run is in line for them: while there are none, they may be asked for.
MODELS_ON_CALL = [name.strip() for name in env.list("MODELS_ON_CALL", default=[])]
STALL_SECONDS = env.float("STALL_SECONDS", default=0)  # 0: as long as the model's card allows for one call
GRACE_SECONDS = env.float("GRACE_SECONDS", default=8)  # after SIGTERM, before the supervisor kills
# A worker that has not beaten for so long is killed and replaced.
HEARTBEAT_TIMEOUT_SECONDS = env.float("HEARTBEAT_TIMEOUT_SECONDS", default=max(6 * BEAT_SECONDS, 20))

# Processes on this machine
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
GPU_WORKERS = env.int("GPU_WORKERS", default=-1)  # -1: one for each GPU, or one on the CPU
MEDIA_WORKERS = env.int("MEDIA_WORKERS", default=1)
# What a worker's place on its machine is called, where there are several of its kind: the supervisor says it.
WORKER_SLOT = env.str("WORKER_SLOT", default="")

# Who looks at pictures before they are used or shown: "auto" (the packaged classifier where it is installed), "off", or
# the address of a service; and from which probability on the packaged one says no.
MODERATION = env.str("MODERATION", default="") or "auto"
if MODERATION not in ("auto", "off") and not re.match(r"https?://[^/]", MODERATION):
    raise ImproperlyConfigured(
        f"MODERATION is {MODERATION!r}. Set it to auto, to off, or to the address of a service, http://… or https://…"
    )
MODERATION_TOKEN = env.str("MODERATION_TOKEN", default="")
MODERATION_THRESHOLD = env.float("MODERATION_THRESHOLD", default=0.8)
# So many blocked runs of a workspace within so many days, and it is suspended until the operator looks; 0: never.
MODERATION_STRIKES = env.int("MODERATION_STRIKES", default=20)
MODERATION_STRIKE_DAYS = env.float("MODERATION_STRIKE_DAYS", default=7)

# A language model that may tell the shots of a script in other words, where the operator has one: a service that speaks
# OpenAI's /chat/completions, its address up to there.
SUGGESTIONS_URL = env.str("SUGGESTIONS_URL", default="")
SUGGESTIONS_KEY = env.str("SUGGESTIONS_KEY", default="")
SUGGESTIONS_MODEL = env.str("SUGGESTIONS_MODEL", default="")
if SUGGESTIONS_URL and not SUGGESTIONS_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("SUGGESTIONS_URL is no http:// or https:// address.")
if SUGGESTIONS_URL and not SUGGESTIONS_MODEL:
    raise ImproperlyConfigured("SUGGESTIONS_URL is set and SUGGESTIONS_MODEL is not: say which model to ask.")

# What may come in from outside, and how long what was thrown away can be brought back.
UPLOAD_LIMIT_BYTES = env.int("RUNWAYWEB_UPLOAD_LIMIT", default=2048) * 1024**2  # of one file; given in MB
UPLOAD_MINUTES = env.float("RUNWAYWEB_UPLOAD_MINUTES", default=60)  # of one video or sound
STORAGE_BYTES = env.int("RUNWAYWEB_STORAGE", default=100 * 1024) * 1024**2  # of a workspace; given in MB
# Of films on their way out: how many of a workspace wait or are made at once (0: as many as are asked for), and how
# long a film may be that is rendered.
EXPORTS_AT_ONCE = env.int("EXPORTS_AT_ONCE", default=2)
EXPORT_HOURS = env.float("EXPORT_HOURS", default=4)
# With what made files are signed (PEM files; the algorithm as in JOSE); without, with a key of the studio's own.
CREDENTIALS_CHAIN = env.str("RUNWAYWEB_CREDENTIALS_CHAIN", default="")
CREDENTIALS_KEY = env.str("RUNWAYWEB_CREDENTIALS_KEY", default="")
CREDENTIALS_ALGORITHM = env.str("RUNWAYWEB_CREDENTIALS_ALGORITHM", default="es256")
TRASH_DAYS = env.float("RUNWAYWEB_TRASH_DAYS", default=30)
ARRIVING_DIR = DATA_DIR / "arriving"  # what is not here yet, or not looked through
EPHEMERAL_DIR = DATA_DIR / "ephemeral"  # what programs bring for a day
MEDIA_FETCHER = "runwayweb.assets.fetching.Fetcher"  # who goes to the addresses that programs name

# The public API. API_ALIASES: which installed model another's name means, "veo3.1=wan-2.2-t2v-a14b,…".
API_ALIASES = env.dict("API_ALIASES", default={})
API_BODY_BYTES = 24 * 1024**2  # of one body: 16 MB of a clip as a data: URI, and the rest
DEFAULT_MODEL = env.str("RUNWAYWEB_DEFAULT_MODEL", default="")

# Webhooks that tell of what happens here: how many a workspace may have, how often is looked, and how long it is kept
# what was told.
WEBHOOK_ENDPOINTS = env.int("WEBHOOK_ENDPOINTS", default=20)
WEBHOOK_SECONDS = env.float("WEBHOOK_SECONDS", default=0.5)
WEBHOOK_DAYS = env.float("WEBHOOK_DAYS", default=30)

# Plans and credits. Whoever has no subscription is on DEFAULT_PLAN: where Stripe takes payments that is the free one,
# and a studio that sells nothing has no limits but its machine's.
SIGNUP_CREDITS = env.int("SIGNUP_CREDITS", default=500)
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="").strip()
DEFAULT_PLAN = env.str("DEFAULT_PLAN", default="") or ("free" if STRIPE_SECRET_KEY else "house")
WATERMARK = env.str("WATERMARK", default="") or "Runwayweb"  # the words, on plans that have one
CHARGE_BLOCKED_OUTPUT = env.bool("CHARGE_BLOCKED_OUTPUT", default=False)  # for what was made and may not be shown
PAST_DUE_GRACE_DAYS = env.float("PAST_DUE_GRACE_DAYS", default=7)

# Payments by Stripe, where the operator has keys. Its own addresses are asked unless STRIPE_API_BASE names others.
STRIPE_WEBHOOK_SECRET = [one.strip() for one in env.list("STRIPE_WEBHOOK_SECRET", default=[]) if one.strip()]
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="").rstrip("/") or "https://api.stripe.com"
STRIPE_TIMEOUT_SECONDS = env.float("STRIPE_TIMEOUT_SECONDS", default=10)
STRIPE_TAX = env.bool("STRIPE_TAX", default=False)  # Stripe Tax works out what is due where
STRIPE_INVOICES = env.bool("STRIPE_INVOICES", default=True)  # for packs too; subscriptions always have them
STRIPE_TRIAL_DAYS = env.int("STRIPE_TRIAL_DAYS", default=0)  # of the first subscription
if STRIPE_SECRET_KEY and not re.match(r"(sk|rk)_(test|live)_", STRIPE_SECRET_KEY):
    raise ImproperlyConfigured("STRIPE_SECRET_KEY is no secret key of Stripe's: those begin with sk_test_ or sk_live_.")
if STRIPE_SECRET_KEY and not STRIPE_WEBHOOK_SECRET:
    raise ImproperlyConfigured(
        "STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRET is not: without it nobody learns of payments. "
        "docs/billing.md says where to find it."
    )
# Where forms may lead: pages of Stripe's on which people pay.
STRIPE_PAGES = (
    ["https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com"]
    if STRIPE_API_BASE == "https://api.stripe.com"
    else [STRIPE_API_BASE]
)

# Accounts
REGISTRATION = env.str("REGISTRATION", default="open")  # who may sign up
# Whether credits that nobody paid for wait until their owner showed an address to be theirs.
FREE_CREDITS_VERIFIED = env.bool("FREE_CREDITS_VERIFIED", default=bool(STRIPE_SECRET_KEY))
if REGISTRATION not in ("open", "invitation", "closed"):
    raise ImproperlyConfigured(f"REGISTRATION is {REGISTRATION!r}. Set it to open, to invitation or to closed.")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "runwayweb.accounts.passwords.NotTheNameOfTheStudio"},
]
SIGNUPS_A_DAY = env.int("SIGNUPS_A_DAY", default=100)  # from one address of the network
DEVICE_SIGNUPS_A_DAY = env.int("DEVICE_SIGNUPS_A_DAY", default=5)  # in one browser
DISPOSABLE_ADDRESSES = env.list("DISPOSABLE_ADDRESSES", default=[])  # whose people make no accounts: domains
# Beside those that allauth has by itself.
ACCOUNT_RATE_LIMITS = {
    "verify": "30/m/ip",
    "share": "10/m/ip,20/5m/key",
    "report": "5/h/ip,20/h/key",
    "signup": f"20/m/ip,{SIGNUPS_A_DAY}/d/ip",
}
ACCOUNT_ADAPTER = "runwayweb.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "runwayweb.accounts.forms.SignInForm",
    "signup": "runwayweb.accounts.forms.SignUpForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="optional")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# Addresses and accounts elsewhere, too, change only after the password (or passkey, or code) once more.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Accounts elsewhere that sign in here; what is not set is neither offered nor loaded.
_apps, SOCIALACCOUNT_PROVIDERS = elsewhere.providers(
    elsewhere.read_openid(
        env.str("OIDC_PROVIDERS", default=""),
        {
            "name": env.str("OIDC_NAME", default="OpenID"),
            "issuer": env.str("OIDC_ISSUER", default=""),
            "client_id": env.str("OIDC_CLIENT_ID", default=""),
            "secret": env.str("OIDC_SECRET", default=""),
            "trusted": env.bool("OIDC_TRUSTED", default=False),
        },
    ),
    github=(env.str("GITHUB_CLIENT_ID", default=""), env.str("GITHUB_SECRET", default="")),
    google=(env.str("GOOGLE_CLIENT_ID", default=""), env.str("GOOGLE_SECRET", default="")),
)
INSTALLED_APPS += _apps
SOCIALACCOUNT_ADAPTER = "runwayweb.accounts.social.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # of providers whose word on addresses is trusted
SOCIALACCOUNT_FORMS = {"signup": "runwayweb.accounts.forms.SignUpFromElsewhereForm"}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds; a page waits for it
# A second step at sign-in, and passkeys in place of both steps. Nobody gets either before the address is confirmed, or
# whoever signed up with somebody else's could lock its owner out for good.
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Whether staff need a second step before the operator's console opens.
OPERATOR_SECOND_STEP = env.bool("OPERATOR_SECOND_STEP", default=not DEBUG)
MFA_TOTP_ISSUER = "Runwayweb"
MFA_TOTP_TOLERANCE = 1  # one code before and one after: clocks of phones go wrong
MFA_ADAPTER = "runwayweb.accounts.second_step.SecondStepAdapter"
MFA_FORMS = {
    "add_webauthn": "runwayweb.accounts.passkeys.AddPasskeyForm",
    "login_webauthn": "runwayweb.accounts.passkeys.SignInByPasskeyForm",
    "authenticate_webauthn": "runwayweb.accounts.passkeys.SecondStepByPasskeyForm",
    "reauthenticate_webauthn": "runwayweb.accounts.passkeys.ConfirmByPasskeyForm",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects:project-list"
ACCOUNT_LOGOUT_REDIRECT_URL = "projects:home"

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Runwayweb <studio@localhost>")
# Whom people write to who want to be heard, and who is told of what waits in the console.
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", default="") or parseaddr(DEFAULT_FROM_EMAIL)[1]

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

# Files
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
# Where a proxy on this machine serves MEDIA_ROOT to nobody but those that this site sends there (X-Accel-Redirect).
X_ACCEL = env.str("X_ACCEL", default="")
if X_ACCEL and not re.fullmatch(r"/[\w-]+/", X_ACCEL):
    raise ImproperlyConfigured(f"X_ACCEL is {X_ACCEL!r}. Set it to a path such as /accel/.")
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "runwayweb.assets.s3.S3Storage", "OPTIONS": S3.options}
    if S3
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "runwayweb.stamped.StampedStaticFilesStorage"
        if DEBUG
        else "runwayweb.hashed.HashedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # forms here are small; media comes in by its own door

# Security
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # by these names browsers take a cookie from this very host alone, and over HTTPS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGE_STORAGE = "runwayweb.told_once.ToldOnce"
DEVICE_COOKIE = "__Host-device" if HTTPS else "device"  # runwayweb/accounts/device.py
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=HTTPS) else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_buckets = [S3.origin] if S3 else []  # from which browsers fetch media, and to which they bring it
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],  # Django's admin styles itself inline; it is for staff only
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *_buckets],
        "media-src": ["'self'", "blob:", *_buckets],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_buckets],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *(STRIPE_PAGES if STRIPE_SECRET_KEY else [])],
        "frame-ancestors": ["'none'"],
    },
}

# Who may read /metrics: whoever sends this as a bearer token; without one, this machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# How the log is written: for people ("text"), or as JSON, an object a line ("json").
LOG_FORMAT = env.str("LOG_FORMAT", default="") or "text"
if LOG_FORMAT not in ("text", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}. Set it to text or to json.")
# Where errors and spans are told, docs/logs.md. OpenTelemetry reads the other OTEL_ variables itself.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"keys": {"()": "runwayweb.masking.KeyFilter"}, "trail": {"()": "runwayweb.trail.TrailFilter"}},
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": "runwayweb.json_lines.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["keys", "trail"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"level": "INFO"},  # without Django's own handler, which would say everything twice
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # every scanner of the internet comes by
        "django.server": {"level": "WARNING"},
        "rq": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}
