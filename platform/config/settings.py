"""Django settings: the embedded default on one machine; production by environment variables alone."""

from common.private import FILE, FOLDER, create_privately, make_private
from config.environment import ROOT, database_from, read_environment

create_privately()
ENVIRONMENT = read_environment()
IS_PRODUCTION = ENVIRONMENT.is_production
VAR = ENVIRONMENT.var

SECRET_KEY = ENVIRONMENT.secret_key or "missing-and-refused-by-the-checks"
# Hashes of personal data join across files only while this key stays the same, so it is not the SECRET_KEY.
PERSONAL_DATA_KEY = ENVIRONMENT.personal_data_key or "missing-and-refused-by-the-checks"
# Passwords of databases are sealed with the first and opened with any, so that a key can be replaced.
CONNECTION_KEYS = ENVIRONMENT.connection_keys
# The audit log is signed with the first and read with any, so that a key can be replaced.
AUDIT_KEYS = ENVIRONMENT.audit_keys
AUDIT_ANCHOR = VAR / "audit-anchor.json"
# Whoever made, reset or promoted an account within this time is not judged by it.
INDEPENDENCE_DAYS = ENVIRONMENT.independence_days
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = [*ENVIRONMENT.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [*ENVIRONMENT.trusted_origins]

INSTALLED_APPS = [
    "common",
    "accounts",
    "audit",
    "jobs",
    "api",
    "shell",
    "catalog",
    "dictionary",
    "privacy",
    "connections",
    "uploads",
    "datasets",
    "joins",
    "checks",
    "training",
    "planning",
    "tracking",
    "serving",
    "results",
    "diagnostics",
    "explanations",
    "registry",
    "inventory",
    "approvals",
    "comparisons",
    "scorecards",
    "reruns",
    "scenarios",
    "scoring",
    "reports",
    "deployments",
    "exports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.ContentSecurityPolicyMiddleware",
    "common.middleware.OnePageMiddleware",
    "api.failures.ApiFailuresMiddleware",
    "common.middleware.StorableTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.PersonMiddleware",
    "common.middleware.ShownRefusalMiddleware",
    "common.middleware.AlteredModelMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,  # so that an app may bring its own
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.person",
                "shell.context_processors.shell",
            ],
        },
    }
]
WSGI_APPLICATION = "config.wsgi.application"

DATABASES = {"default": database_from(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.NameNotInPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
SAMPLE_PEOPLE_MAY_SIGN_IN = ENVIRONMENT.is_loopback and not IS_PRODUCTION

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
# The engine's own sentences stand in its catalogue, beside which the apps have theirs.
LOCALE_PATHS = [ROOT / "experiments" / "locale"]
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = VAR / "static"
make_private(VAR)
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns when it is not there
WHITENOISE_USE_FINDERS = True  # served from the source tree: no copying step stands between a clone and its first page
MEDIA_ROOT = ENVIRONMENT.files
make_private(MEDIA_ROOT)
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = FILE, FOLDER
# Beside MEDIA_ROOT, so that an uploaded file is renamed into place and never copied.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
# To the disk as it arrives, and an end where the limit or the disk ends; `request.upload_refusal` says which.
FILE_UPLOAD_HANDLERS = ["common.intake.upload_handler"]
UPLOAD_MAX_BYTES = ENVIRONMENT.upload_max_gigabytes * 1024**3
UPLOAD_MAX_UNPACKED_BYTES = ENVIRONMENT.unpacked_max_gigabytes * 1024**3
UPLOAD_MAX_FILES = 1_000  # in one archive, or in one dataset version
FILE_JOB_BYTES = ENVIRONMENT.file_job_gigabytes * 1024**3  # 0: half of the machine's memory
FILE_JOB_SECONDS = ENVIRONMENT.file_job_minutes * 60.0
SMALL_FILE_JOB_SECONDS = 60.0  # at work; what takes longer goes on among the large files
QUERY_HOSTS = ENVIRONMENT.query_hosts  # with none, every machine but this one, its link and a cloud's metadata
QUERY_SECONDS = ENVIRONMENT.query_seconds
QUERY_MAX_ROWS = ENVIRONMENT.query_max_rows
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 << 20  # 1,000 customers of a wide table are one request
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a table of 2,000 columns is one form

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "common.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
if IS_PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
BEHIND_PROXY = ENVIRONMENT.behind_proxy
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CELERY_BROKER_URL = ENVIRONMENT.broker_url or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if ENVIRONMENT.broker_url
    else {
        "data_folder_in": str(VAR / "queue"),
        "data_folder_out": str(VAR / "queue"),
        "control_folder": str(VAR / "queue-control"),
        "store_processed": False,
        "polling_interval": 0.3,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_DEFAULT_QUEUE = "files"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
JOBS_HEARTBEAT_SECONDS = 3.0
JOBS_STALE_SECONDS = 20.0

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "masked": {
            "()": "common.masking.MaskingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "masked"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {"celery": {"level": "WARNING"}, "kombu": {"level": "ERROR"}},
}
