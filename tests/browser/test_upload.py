"""A person uploads a file of some megabytes, loses the line on the way, reloads, goes on, and sees it read."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.browser.main_job import FILE_SECONDS
from tests.browser.person import PASSWORD, Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
# So slow that the first lines, the lost line and the pause all come before the end, also on a machine that is busy.
SLOW = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 500 << 10}
LOST = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
FAST = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
ROWS = 600_000


def conditions(person: Person, how: dict[str, Any]) -> None:
    person.browser.execute_cdp_cmd("Network.enable", {})
    person.browser.execute_cdp_cmd("Network.emulateNetworkConditions", how)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """About 22 MB in GB18030, with names and phone numbers."""
    path = tmp_path / "客户名单.csv"
    names = [f"{family}{given}" for family in "王李张刘陈" for given in "伟芳娜敏静丽强磊军洋"]
    block = "".join(
        f"{names[n % 50]},138{n:08d},{20 + n % 50},{n % 997}.{n % 100:02d},{'是' if n % 6 else '否'}\n"
        for n in range(20_000)
    )
    with path.open("w", encoding="gb18030") as out:
        out.write("姓名,手机号,年龄,金额,是否响应\n")
        for _ in range(ROWS // 20_000):
            out.write(block)
    return path


def share(person: Person) -> float:
    return float(person.find("[data-part=bar]").get_property("value") or 0)


def stands_still(person: Person) -> bool:
    """Has nothing arrived for a second?"""
    before = share(person)
    time.sleep(1)
    return share(person) == before


def test_an_upload_survives_a_lost_line_and_a_reload(open_person: Any, table: Path) -> None:
    person: Person = open_person("analyst", language="zh-CN")
    person.go("/data/new/")
    conditions(person, SLOW)
    person.choose_file(table)

    person.wait_for(".preview-t tbody tr", "no first lines while the rest is on its way")
    first_lines = person.text("[data-upload-preview]")
    assert "GB18030" in first_lines
    assert "手机号" in first_lines
    assert "13800000001" not in first_lines
    assert share(person) < 100

    person.wait(lambda: share(person) > 20, "nothing arrives")
    conditions(person, LOST)
    person.wait(lambda: person.find("[data-part=error]").is_displayed(), "the lost line was not told")
    conditions(person, SLOW)
    before = share(person)
    person.wait(lambda: share(person) > before, "it did not go on by itself", FILE_SECONDS)

    person.click("[data-part=pause]")
    person.wait(lambda: stands_still(person), "the pause stopped nothing")
    assert 0 < share(person) < 100
    person.go("/data/new/")
    person.see(table.name)

    person.choose_file(table)
    assert person.wait(lambda: share(person), "it did not go on") > 10, "it began anew"
    conditions(person, FAST)
    person.click(".acts .btn-primary")
    person.wait(lambda: "/data/new/" not in person.browser.current_url, "no page of the version", FILE_SECONDS)
    person.wait(lambda: "gb18030" in person.text(), "the file was not read", FILE_SECONDS)
    assert f"{ROWS:,}" in person.text()
    assert not [line for line in person.complaints() if "ERR_INTERNET_DISCONNECTED" not in line]


def test_two_files_become_one_table(open_person: Any, tmp_path: Path) -> None:
    for month in ("jan", "feb"):
        (tmp_path / f"{month}.csv").write_text("id,age\n" + "".join(f"{month}{n},{20 + n % 40}\n" for n in range(500)))
    person: Person = open_person("analyst")
    person.go("/data/new/")
    person.choose_file(tmp_path / "jan.csv", tmp_path / "feb.csv")
    person.wait(lambda: len(person.all(".up-f")) == 2, "two files are listed")
    person.type("name", "Two months")
    person.find("[name=name]").send_keys("\n")

    person.wait(lambda: "/data/new/" not in person.browser.current_url, "no page of the version", FILE_SECONDS)
    person.see("Files read as one table", FILE_SECONDS)
    person.see("1,000 rows", FILE_SECONDS)
    assert person.complaints() == []


def sign_in_beside(person: Person) -> None:
    """Sign in on the page that stands in the current tab."""
    person.type("username", "analyst")
    person.type("password", PASSWORD)
    person.click("form button.btn-primary")
    person.wait(lambda: "/sign-in/" not in person.browser.current_url, "still on the sign-in page")


def test_a_sign_out_in_mid_upload_is_mended_in_place(open_person: Any, tmp_path: Path) -> None:
    for month in ("jan", "feb"):
        (tmp_path / f"{month}.csv").write_text("id,age\n" + "".join(f"{month}{n},{20 + n % 40}\n" for n in range(500)))
    person: Person = open_person("analyst")
    person.go("/data/new/")
    person.choose_file(tmp_path / "jan.csv")
    person.wait(lambda: "Received" in person.text(".up-list"), "the file did not arrive")
    here = person.browser.current_window_handle

    # Someone signs out in another tab: the next file cannot be sent, the page says so and offers the sign-in.
    person.browser.switch_to.new_window("tab")
    person.go("/")
    person.browser.execute_script("document.querySelector('form[action$=\"sign-out/\"]').submit()")
    person.wait(lambda: "/sign-in/" in person.browser.current_url, "not signed out")
    person.browser.close()
    person.browser.switch_to.window(here)
    person.type("name", "Kept through a sign-out")
    person.choose_file(tmp_path / "feb.csv")
    person.wait(lambda: person.find("[data-upload-signin]").is_displayed(), "the sign-out was not told")

    person.click("[data-upload-signin] a")
    person.wait(lambda: len(person.browser.window_handles) == 2, "no tab to sign in")
    person.browser.switch_to.window(next(tab for tab in person.browser.window_handles if tab != here))
    sign_in_beside(person)
    person.see("You are signed in")
    person.browser.close()
    person.browser.switch_to.window(here)

    # It goes on by itself, and the form that was opened before the new sign-in is taken.
    person.wait(lambda: person.text(".up-list").count("Received") == 2, "it did not go on by itself")
    assert not person.find("[data-upload-signin]").is_displayed()
    person.click(".acts .btn-primary")
    person.wait(lambda: "/data/new/" not in person.browser.current_url, "no page of the version", FILE_SECONDS)
    person.see("Kept through a sign-out")


def test_a_form_that_waits_for_its_file_is_taken_after_a_sign_out_and_a_new_sign_in(
    open_person: Any, tmp_path: Path
) -> None:
    (tmp_path / "jan.csv").write_text("id,age\n" + "".join(f"{n},{20 + n % 40}\n" for n in range(500)))
    person: Person = open_person("analyst")
    person.go("/data/new/")
    person.choose_file(tmp_path / "jan.csv")
    person.wait(lambda: "Received" in person.text(".up-list"), "the file did not arrive")
    session = person.browser.get_cookie("sessionid")
    person.browser.delete_cookie("sessionid")
    person.browser.delete_cookie("csrftoken")

    person.click(".acts .btn-primary")
    person.wait(lambda: person.find("[data-upload-signin]").is_displayed(), "the sign-out was not told")
    person.browser.add_cookie(session)
    person.browser.execute_script("window.dispatchEvent(new Event('focus'))")

    person.wait(lambda: "/data/new/" not in person.browser.current_url, "no page of the version", FILE_SECONDS)
