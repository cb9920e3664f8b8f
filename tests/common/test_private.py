"""What the platform keeps is for its owner alone, whatever it was started with and however it was left."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from common.private import close_throughout
from tests.platform_process import ROOT


def open_to_others(folder: Path) -> list[str]:
    """Return what below a folder, itself included, others could read or get into."""
    paths = [folder, *folder.rglob("*")]
    return [
        f"{path} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in paths
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


def test_a_folder_left_open_is_closed_with_all_in_it_but_not_what_links_lead_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "theirs").write_text("x")
    (elsewhere / "theirs").chmod(0o644)
    var = tmp_path / "var"
    (var / "files" / "deep").mkdir(parents=True)
    (var / "files" / "deep" / "scores.csv").write_text("x")
    (var / "link").symlink_to(elsewhere)
    for path in (var, var / "files", var / "files" / "deep"):
        path.chmod(0o755)
    (var / "files" / "deep" / "scores.csv").chmod(0o666)

    assert close_throughout(var) == 4

    assert open_to_others(var) == []
    assert stat.S_IMODE((elsewhere / "theirs").stat().st_mode) == 0o644
    assert close_throughout(var) == 0


def test_a_folder_that_everybody_may_use_is_not_closed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    close_throughout(shared)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


@pytest.mark.slow
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_any_process_keeps_its_files_to_itself_whatever_it_was_started_with(tmp_path: Path, umask: int) -> None:
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    code = (
        "import os, pathlib; from django.conf import settings; "
        "from django.core.files.base import ContentFile; from django.core.files.storage import default_storage; "
        "default_storage.save('a/b.txt', ContentFile(b'x')); "
        "pathlib.Path(settings.VAR, 'log').write_text('x'); os.makedirs(settings.VAR / 'queue' / 'x'); "
        "os.system(f'touch {settings.VAR}/child')"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "XIAOYU_VAR": str(var)}
    for arguments in (["migrate", "--verbosity=0"], ["shell", "-c", code]):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, umask=umask, timeout=240
        )

    kept = {path.name for path in var.rglob("*")}
    assert {"secret-key", "personal-data-key", "connection-key", "xiaoyu.sqlite3", "b.txt", "child", "log"} <= kept
    assert open_to_others(var) == []
