#!/usr/bin/env python
"""The one door to the platform: check, migrate, up, worker and every other command."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCE_ROOT = ROOT / "platform"


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  this is the place that says so
        found = sys.version.split()[0]
        sys.exit(f"Xiaoyu needs Python 3.11 or newer, and this is {found}: install one, delete .venv, start again.")
    if (SOURCE_ROOT / "__init__.py").exists():
        sys.exit("platform/__init__.py hides Python's own platform module: delete that file and start again.")
    sys.path.insert(0, str(SOURCE_ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
