"""A business user puts a bank's tables together in the browser, from the files to the joined dataset, without code."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.main_job import FILE_SECONDS
from tests.browser.person import Person

BERKA = Path(__file__).resolve().parents[3] / "shared" / "data" / "berka"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

TABLES = ("loan", "account", "disp", "client", "district", "trans_part")


def like_berka(folder: Path) -> dict[str, Path]:
    """Make tables with the layout of the Czech bank's, for machines that do not have the real ones."""
    random = np.random.default_rng(11)
    days = pd.date_range("1995-01-01", periods=700)
    accounts = np.arange(1, 301)
    written = {
        "loan": pd.DataFrame(
            {
                "loan_id": np.arange(5_000, 5_120),
                "account_id": random.permutation(accounts)[:120],
                "date": random.choice(days[300:], 120),
                "amount": random.integers(10, 500, 120) * 1_000,
                "duration": random.choice([12, 24, 36], 120),
                "status": random.choice(list("ABCD"), 120, p=[0.3, 0.1, 0.5, 0.1]),
            }
        ),
        "account": pd.DataFrame(
            {
                "account_id": accounts,
                "district_id": random.integers(1, 41, 300),
                "frequency": random.choice(["monthly", "weekly"], 300),
                "date": random.choice(days[:200], 300),
            }
        ),
        "disp": pd.DataFrame(
            {"disp_id": np.arange(1, 301), "client_id": np.arange(1, 301), "account_id": accounts, "type": "OWNER"}
        ),
        "client": pd.DataFrame({"client_id": np.arange(1, 301), "district_id": random.integers(1, 41, 300)}),
        "district": pd.DataFrame(
            {
                "A1": np.arange(1, 41),
                "A3": random.choice(["north", "south"], 40),
                "A11": random.integers(8_000, 12_000, 40),
            }
        ),
        "trans_part": pd.DataFrame(
            {
                "trans_id": np.arange(1, 8_001),
                "account_id": random.choice(accounts, 8_000),
                "date": random.choice(days, 8_000),
                "type": random.choice(["credit", "withdrawal"], 8_000),
                "amount": random.integers(100, 30_000, 8_000),
                "balance": random.integers(-5_000, 90_000, 8_000),
            }
        ),
    }  # fmt: skip
    for name, table in written.items():
        if "date" in table:
            table["date"] = pd.to_datetime(table["date"]).dt.strftime("%y%m%d").astype(int)
        table.to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in TABLES}


def files(folder: Path) -> dict[str, Path]:
    """Return the real tables where they are, else ones that look like them."""
    if not BERKA.exists():
        return like_berka(folder)
    unpacked = {}
    for name in TABLES:
        unpacked[name] = folder / f"{name}.csv"
        unpacked[name].write_bytes(gzip.decompress((BERKA / f"{name}.csv.gz").read_bytes()))
    return unpacked


def upload(person: Person, file: Path) -> None:
    person.go("/data/new/")
    person.choose_file(file)
    person.click(".acts .btn-primary")
    person.wait(lambda: "/data/new/" not in person.browser.current_url, f"{file.name} was not taken", FILE_SECONDS)
    person.wait_for("#columns", f"{file.name} was not read", FILE_SECONDS)


def tick(person: Person, words: str) -> None:
    def take() -> bool:
        row = next((row for row in person.all(".join-row") if row.text.startswith(words)), None)
        if row is None:
            return False
        person.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", row)
        row.click()
        return True

    person.wait(take, f"no table {words} to tick")


@pytest.mark.parametrize(("language", "title"), [("en", "How the tables are linked"), ("zh-CN", "各表之间的关联")])
def test_a_business_user_builds_the_training_table_without_code(
    open_person: Any, tmp_path: Path, language: str, title: str
) -> None:
    person: Person = open_person("analyst", language=language)
    tables = files(tmp_path)
    rows = sum(1 for _ in tables["loan"].open()) - 1
    person.go("/data/")
    if "loan" not in [name.text for name in person.all("td a")]:
        for file in tables.values():
            upload(person, file)

    person.go("/data/")
    person.click(".acts a[href='/data/joins/']")
    person.click(".acts a.btn-primary[href='/data/joins/new/']")
    person.wait_for("select[name=base]", "no form for a new join")
    person.choose_containing("select[name=base]", "loan v1")
    for name in TABLES[1:]:
        tick(person, f"{name} v1")
    person.type("name", f"berka {language}")
    person.click(".acts .btn-primary")
    person.wait_for("form#join", "keys and times were not guessed", FILE_SECONDS)
    person.settle()

    assert title in person.text()
    drawn = {text.text for text in person.all(".join-name")}
    assert drawn == set(TABLES)
    assert person.find("#base-time").get_attribute("value") == "date"

    person.click("button[name=then][value=preview]")
    person.wait_for("#preview tbody tr", "no preview", FILE_SECONDS)
    person.settle()
    assert len(person.all("#preview .join-p tbody tr")) == 20

    person.click("button[name=then][value=run]")
    person.wait_for("#result", "the tables were not joined", FILE_SECONDS)
    person.wait(lambda: f"{rows:,}" in person.text("#result"), f"the result never told of {rows:,} rows")
    person.click("#result form[action$='/again/'] button")
    person.wait_for("#result .bd.good", "the table was not made once more", FILE_SECONDS)

    person.click("#result a[href^='/data/']")
    person.wait_for("#columns", "the joined table did not open")
    person.see(f"berka {language}")
    told = person.text()
    assert f"berka {language}" in told
    assert "trans_part_amount_sum_90d" in told
    assert not person.complaints()
