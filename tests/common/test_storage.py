"""Files are reached through one door, which lets nobody out of the store."""

import re
from pathlib import Path

import pytest

from common import storage
from common.storage import OutsideStore, exists, key_of, keys_below, local_path, new_folder, open_file

PLATFORM = Path(storage.__file__).parent.parent


@pytest.fixture
def place(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


def test_a_key_comes_back_from_the_path_it_gave_and_opens_the_bytes_put_there(place):
    path = new_folder("datasets/a") / "source.csv"
    path.write_bytes("客户,bad\n".encode())

    assert (path, key_of(path)) == (local_path("datasets/a/source.csv"), "datasets/a/source.csv")
    with open_file("datasets/a/source.csv") as opened:
        assert opened.read() == "客户,bad\n".encode()
    assert [exists(key) for key in ("datasets/a", "datasets/b", "")] == [True, False, False]
    assert (list(keys_below("datasets")), list(keys_below("nothing"))) == (["datasets/a"], [])


@pytest.mark.parametrize("key", ["", ".", "/etc/passwd", "../secret-key", "a/../../secret-key", "a\0b", "a\\..\\b"])
def test_a_key_that_leads_out_of_the_store_opens_nothing_and_reads_as_a_file_that_is_gone(key, place):
    (place.parent / "secret-key").write_text("secret")

    for asked in (local_path, open_file, new_folder, lambda key: list(keys_below(key))):
        with pytest.raises(OutsideStore):
            asked(key)
    assert not exists(key)
    assert issubclass(OutsideStore, FileNotFoundError)


def test_a_path_outside_has_no_key_and_one_over_a_link_to_the_store_has(place, settings):
    with pytest.raises(OutsideStore):
        key_of(place.parent / "other.csv")
    (place / "models").mkdir()
    link = place.parent / "link"
    link.symlink_to(place)
    assert key_of(link / "models") == "models"
    settings.MEDIA_ROOT = link
    assert key_of(place / "models") == "models"


def test_nobody_else_joins_a_path_to_the_place_for_files():
    joins = re.compile(r"settings\.MEDIA_ROOT|FileSystemStorage|default_storage")
    found = {
        str(path.relative_to(PLATFORM))
        for path in PLATFORM.rglob("*.py")
        if "migrations" not in path.parts and joins.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"common/storage.py"}
