"""What the environment says: every ``XIAOYU_*`` variable is read here, once, and told in plain words when wrong."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from experiments.processor import cores
from experiments.yes_no import is_ticked

ROOT = Path(__file__).resolve().parent.parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Environment:
    """The settings a site decides on; everything else is the same everywhere."""

    is_production: bool
    debug: bool
    var: Path
    files: Path
    secret_key: str
    personal_data_key: str
    bind: str
    port: int
    allowed_hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    behind_proxy: bool
    database_url: str
    broker_url: str
    time_zone: str
    log_level: str
    web_processes: int
    serve_port: int
    serve_processes: int
    experiment_workers: int
    file_workers: int
    file_job_gigabytes: int
    file_job_minutes: int
    upload_max_gigabytes: int
    unpacked_max_gigabytes: int
    connection_keys: tuple[str, ...]
    audit_keys: tuple[str, ...]
    independence_days: int
    query_hosts: tuple[str, ...]
    query_seconds: int
    query_max_rows: int

    @property
    def is_loopback(self) -> bool:
        return self.bind in LOOPBACK


def read_environment() -> Environment:
    """Read the variables of this process; the embedded default needs none of them."""
    var = Path(os.environ.get("XIAOYU_VAR") or ROOT / "var").resolve()
    is_production = _word("XIAOYU_ENVIRONMENT", "embedded", ("embedded", "production")) == "production"
    bind = os.environ.get("XIAOYU_BIND", "127.0.0.1").strip()
    return Environment(
        is_production=is_production,
        debug=_switch("XIAOYU_DEBUG"),
        var=var,
        files=Path(os.environ.get("XIAOYU_FILES") or var / "files").resolve(),
        secret_key=os.environ.get("XIAOYU_SECRET_KEY") or ("" if is_production else _kept_key(var, "secret-key")),
        personal_data_key=os.environ.get("XIAOYU_PERSONAL_DATA_KEY")
        or ("" if is_production else _kept_key(var, "personal-data-key")),
        bind=bind,
        port=_number("XIAOYU_PORT", 8000),
        allowed_hosts=_words("XIAOYU_ALLOWED_HOSTS") or _hosts_answered(bind),
        trusted_origins=_words("XIAOYU_TRUSTED_ORIGINS"),
        behind_proxy=_switch("XIAOYU_BEHIND_PROXY"),
        database_url=os.environ.get("XIAOYU_DATABASE_URL", ""),
        broker_url=os.environ.get("XIAOYU_BROKER_URL", ""),
        time_zone=os.environ.get("XIAOYU_TIME_ZONE", "Asia/Shanghai"),
        log_level=_word("XIAOYU_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        web_processes=_number("XIAOYU_WEB_PROCESSES", min(2, cores())),
        serve_port=_number("XIAOYU_SERVE_PORT", _number("XIAOYU_PORT", 8000) + 1),
        serve_processes=_number("XIAOYU_SERVE_PROCESSES", 1),
        experiment_workers=_number("XIAOYU_EXPERIMENT_WORKERS", 1),
        file_workers=_number("XIAOYU_FILE_WORKERS", 1),
        file_job_gigabytes=_number("XIAOYU_FILE_JOB_GIGABYTES", 0),
        file_job_minutes=_number("XIAOYU_FILE_JOB_MINUTES", 180),
        upload_max_gigabytes=_number("XIAOYU_UPLOAD_MAX_GIGABYTES", 8),
        unpacked_max_gigabytes=_number("XIAOYU_UNPACKED_MAX_GIGABYTES", 64),
        connection_keys=_words("XIAOYU_CONNECTION_KEYS")
        or (() if is_production else (_kept_key(var, "connection-key"),)),
        audit_keys=_words("XIAOYU_AUDIT_KEYS")
        or (_given("XIAOYU_SECRET_KEY") if is_production else (_kept_key(var, "audit-key"),)),
        independence_days=_number("XIAOYU_INDEPENDENCE_DAYS", 30),
        query_hosts=_words("XIAOYU_QUERY_HOSTS"),
        query_seconds=_number("XIAOYU_QUERY_SECONDS", 600),
        query_max_rows=_number("XIAOYU_QUERY_MAX_ROWS", 50_000_000),
    )


def database_from(environment: Environment) -> dict[str, object]:
    """Return Django's database settings: SQLite in ``var`` unless a PostgreSQL address is given."""
    if not environment.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": environment.var / "xiaoyu.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # IMMEDIATE: a writer waits its turn at BEGIN; a later upgrade from reader to writer would fail at once.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
            },
        }
    address = urlsplit(environment.database_url)
    if address.scheme not in ("postgresql", "postgres"):
        raise SystemExit("XIAOYU_DATABASE_URL must begin with postgresql:// (or be left out for SQLite).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.lstrip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(address.hostname or ""),
        "PORT": address.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(address.query)),
    }


def _hosts_answered(bind: str) -> tuple[str, ...]:
    return (*LOOPBACK, "[::1]") if bind in LOOPBACK else ()


def _kept_key(var: Path, name: str) -> str:
    """Every embedded installation has keys of its own, made at first start and readable by its owner only."""
    path = var / name
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        draft = var / f"{name}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(draft, path)  # the first of several processes wins, and the others read what it wrote
        except FileExistsError:
            pass
        except OSError:
            draft.replace(path)
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def _switch(name: str) -> bool:
    return bool(is_ticked(os.environ.get(name, "")))


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in os.environ.get(name, "").split(",") if word.strip())


def _given(name: str) -> tuple[str, ...]:
    value = os.environ.get(name, "")
    return (value,) if value else ()


def _word(name: str, default: str, allowed: tuple[str, ...]) -> str:
    word = os.environ.get(name, default).strip()
    if word not in allowed:
        raise SystemExit(f"{name} is {word!r}; it may be {', '.join(allowed)}.")
    return word


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default)).strip()
    if not text.isdigit():
        raise SystemExit(f"{name} is {text!r}; it must be a whole number.")
    return int(text)
