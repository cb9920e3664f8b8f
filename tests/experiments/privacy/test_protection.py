"""What protects personal data in a table: a hash that joins, a mask, nothing at all; and the way back."""

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from experiments.data.schema import read_schema
from experiments.ingest.reading import ingest_file
from experiments.privacy.personal_patterns import id_check_digit
from experiments.privacy.protection import (
    ProtectedColumn,
    SecretKey,
    columns_in,
    hashed,
    mask_of,
    protect_parquet,
    read_plain,
)
from tests.experiments import people

KEY = SecretKey(b"a key of this test")
PHONES = [people.mobile(Random(n)) for n in range(60)]
ALL_WAYS = {
    "phone": ProtectedColumn("mobile", "hash"),
    "name": ProtectedColumn("name", "keep"),
    "mail": ProtectedColumn("email", "drop"),
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    random = Random(5)
    rows = "".join(f"{phone},{people.name(random)},{people.email(random)},{n}\n" for n, phone in enumerate(PHONES))
    (tmp_path / "t.csv").write_text("phone,name,mail,amount\n" + rows)
    ingest_file(tmp_path / "t.csv", tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def protect(table: Path, choices: dict[str, ProtectedColumn]) -> dict[str, list[str]]:
    return protect_parquet(table, table.with_name("vault.parquet"), choices=choices, key=KEY)


def test_one_person_has_one_hash_however_the_number_is_written() -> None:
    written = pl.Series(
        [
            "13800138000",
            "+86 138 0013 8000",
            "86-138-0013-8000",
            "(+86)13800138000",
            "１３８００１３８０００",
            "13800138001",
        ]
    )
    hashes = hashed(written, "mobile", key=KEY).to_list()

    assert len(set(hashes[:5])) == 1
    assert hashes[5] != hashes[0]
    assert hashed(pl.Series([13800138000]), "mobile", key=KEY).to_list() == hashes[:1]
    assert hashed(pl.Series([13800138000.0, None]), "mobile", key=KEY).to_list() == [hashes[0], None]


def test_the_old_and_the_new_form_of_an_identity_number_join() -> None:
    new = people.id_card(Random(1))
    new = new[:6] + "19" + new[8:17]
    old = new[:6] + new[8:]
    both = hashed(pl.Series([new + id_check_digit(new), old]), "id_card", key=KEY).to_list()
    assert both[0] == both[1]


def test_another_key_gives_other_hashes_and_another_id() -> None:
    other = SecretKey(b"another key")
    assert (
        hashed(pl.Series(PHONES), "mobile", key=KEY).to_list()
        != hashed(pl.Series(PHONES), "mobile", key=other).to_list()
    )
    assert KEY.id != other.id
    assert "a key of this test" not in repr(KEY)


def test_the_table_holds_no_plain_value_of_a_protected_column(table: Path) -> None:
    examples = protect(table, ALL_WAYS)

    frame = pl.read_parquet(table)
    assert frame["phone"].str.contains("^[0-9a-f]{32}$").all()
    assert frame["name"].str.contains(r"^\p{Han}\*+$").all()
    assert frame["mail"].null_count() == len(PHONES)
    assert frame["amount"].to_list() == list(range(60))
    assert not any(phone.encode() in table.read_bytes() for phone in PHONES)
    assert {column.name: column.type for column in read_schema(table)}["phone"] == "text"
    assert examples["phone"][0] == f"{PHONES[0][:3]}****{PHONES[0][-4:]}"
    assert examples["mail"] == []


def test_a_choice_can_be_changed_and_taken_back(table: Path) -> None:
    before = pl.read_parquet(table)
    types = read_schema(table)
    protect(table, ALL_WAYS)
    protect(table, {"phone": ProtectedColumn("mobile", "keep"), "name": ProtectedColumn("name", "hash")})

    frame = pl.read_parquet(table)
    assert frame["phone"][0] == f"{PHONES[0][:3]}****{PHONES[0][-4:]}"
    assert frame["mail"].to_list() == before["mail"].to_list()

    protect(table, {})
    assert pl.read_parquet(table).equals(before)
    assert read_schema(table) == types


def test_only_its_owner_may_read_the_vault_and_it_gives_rows_by_number(table: Path) -> None:
    protect(table, ALL_WAYS)
    vault = table.with_name("vault.parquet")

    assert vault.stat().st_mode & 0o077 == 0
    assert [column.name for column in columns_in(vault)] == ["phone", "name", "mail"]
    rows = read_plain(vault, ["phone"], start=58, count=10)
    assert rows["phone"].cast(pl.String).to_list() == PHONES[58:]


def test_a_failure_leaves_both_files_as_they_were(table: Path) -> None:
    protect(table, ALL_WAYS)
    before = sorted((path.name, path.read_bytes()) for path in table.parent.iterdir())

    def stop(fraction: float) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        protect_parquet(table, table.with_name("vault.parquet"), choices={}, key=KEY, on_progress=stop)
    assert sorted((path.name, path.read_bytes()) for path in table.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "kind", "within", "shown"),
    [
        ("13912345678", "mobile", False, "139****5678"),
        ("+8613912345678", "mobile", False, "139****5678"),
        ("010-62345678", "mobile", False, "0***"),
        ("320102199003071234", "id_card", False, "3201**********1234"),
        ("320102900307123", "id_card", False, "3201*******7123"),
        ("6222021234567890123", "bank_card", False, "6222****0123"),
        ("zhang@bank.cn", "email", False, "z***@bank.cn"),
        ("欧阳小明", "name", False, "欧***"),
        ("回电13912345678谢谢", "mobile", True, "回电139****5678谢谢"),
        ("G12345678", "id_card", False, "G***"),
    ],
)
def test_masks_show_no_more_than_they_may(text: str, kind: Any, within: bool, shown: str) -> None:
    assert mask_of(text, kind, is_within_text=within) == shown


@pytest.mark.parametrize(
    ("written", "kind", "is_within_text", "shown"),
    [
        ("１３８００１３８０００", "mobile", False, "138****8000"),
        ("(+86)13800138000", "mobile", False, "138****8000"),
        (
            "联系吴强磊13912345678住广东省深圳市科技园南路225号20栋2307室",
            "mobile",
            True,
            "联系吴**139****5678住广东省深圳****",
        ),
        ('{"name": "吴强磊", "m": "13912345678"}', "mobile", True, '{"name": "吴**", "m": "139****5678"}'),
        ("客户要求回电13912345678，已记录", "mobile", True, "客户要求回电139****5678，已记录"),
        ("还款卡6222 0212 3456 7890 128，电话138-0013-8000", "bank_card", True, "还款卡6222****0128，电话138****8000"),
    ],
)
def test_a_number_is_masked_however_it_is_written(written: str, kind: Any, is_within_text: bool, shown: str) -> None:
    assert mask_of(written, kind, is_within_text=is_within_text) == shown
