#!/usr/bin/env python
"""The one door to the platform: check, migrate, up, worker and every other command."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCE_ROOT = ROOT / "platform"
OLDEST_PYTHON = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Xiaoyu needs Python {".".join(map(str, OLDEST_PYTHON))} or newer, this is {sys.version.split()[0]}: "
            "install a newer one, delete the folder .venv and start again."
        )
    if (SOURCE_ROOT / "__init__.py").exists():
        sys.exit("platform/__init__.py hides Python's own platform module: delete that file and start again.")
    sys.path.insert(0, str(SOURCE_ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
