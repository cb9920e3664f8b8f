"""Collects the words of the product into the catalogues, and compiles them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

if TYPE_CHECKING:  # it needs Babel, which only developers have
    from common.translations import Found


class Command(BaseCommand):
    help = "Collect messages into each app's catalogue and compile them; --check only tells what is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when something is missing")
        parser.add_argument("--prune", action="store_true", help="drop entries that no source uses")
        parser.add_argument("--missing", action="store_true", help="list every message without a translation")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from common import translations
        except ImportError:
            raise CommandError("Babel is missing; it comes with: pip install -r requirements-dev.txt") from None
        found = collected()
        owners = (translations.ENGINE, *_apps())
        known = {owner: translations.read(_folder(owner) / "django.po") for owner in owners}
        stale: list[Path] = []
        missing: list[str] = []
        for app in owners:
            folder = _folder(app)
            if not found[app] and not folder.exists():
                continue
            is_engine = app == translations.ENGINE
            others = [known[other] for other in owners if other != app]
            # All that the engine says is found in its code; what is not found is no longer said.
            catalogue = translations.refresh(
                [known[app], *others],
                found[app],
                prune=options["prune"] or is_engine,
                engine=None if is_engine else known[translations.ENGINE],
            )
            known[app] = catalogue
            lacking = translations.untranslated(catalogue)
            missing += [f"{app}: {message}" for message in lacking]
            self.stdout.write(f"{app}: {len(found[app])} messages, {len(lacking)} without translation")
            files = {"django.po": translations.written(catalogue), "django.mo": translations.compiled(catalogue)}
            stale += [path for name, content in files.items() if _differs(path := folder / name, content)]
            if not options["check"]:
                _write(folder, files)
        if options["missing"] or options["check"]:
            self.stdout.write("".join(f"  {message}\n" for message in missing))
        if options["check"] and (missing or stale):
            places = ", ".join(str(path.relative_to(settings.ROOT)) for path in stale) or "none"
            raise CommandError(f"{len(missing)} messages lack a translation; stale files: {places}. Run: make messages")


def collected() -> dict[str, list["Found"]]:
    """Return every message of the product under the app, or the engine, whose catalogue holds it."""
    from common import translations

    return translations.collect(settings.ROOT, _apps())


def _apps() -> list[str]:
    """Return the apps of the product, as Django knows them."""
    return [app.name for app in apps.get_app_configs() if Path(app.path).parent == settings.ROOT / "platform"]


def _folder(app: str) -> Path:
    home = settings.ROOT if app == "experiments" else settings.ROOT / "platform"
    return home / app / "locale" / "zh_Hans" / "LC_MESSAGES"


def _differs(path: Path, content: bytes) -> bool:
    return not path.exists() or path.read_bytes() != content


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
