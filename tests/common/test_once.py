"""What is worked out once: JSON of a model for each value of its column, and answers within one page."""

import ast
from pathlib import Path

import pytest
from django.test import RequestFactory

from common.middleware import OnePageMiddleware
from common.once import once_a_page, one_page, read_once

PLATFORM = Path(__file__).resolve().parents[2] / "platform"


class Row:
    reads = 0

    def __init__(self) -> None:
        self.facts = {"auc": 0.7, "more": {"ks": 0.3}}

    @read_once("facts")
    def found(self) -> dict[str, float]:
        """What it holds."""
        self.reads += 1
        return dict(self.facts)


def test_a_column_is_read_once_however_often_it_is_asked_for() -> None:
    row = Row()
    assert [row.found["auc"] for _time in range(20)] == [0.7] * 20
    assert row.reads == 1


def test_another_value_of_the_column_is_read_again() -> None:
    row = Row()
    assert row.found["auc"] == 0.7
    row.facts = {"auc": 0.8}
    assert row.found["auc"] == 0.8
    assert row.reads == 2


def test_a_key_that_was_set_added_or_taken_out_is_seen() -> None:
    row = Row()
    assert row.found["auc"] == 0.7
    row.facts["auc"] = 0.8
    assert row.found["auc"] == 0.8
    row.facts["ks"] = 0.4
    assert row.found["ks"] == 0.4
    del row.facts["ks"]
    assert "ks" not in row.found


def test_rows_do_not_share_what_they_read() -> None:
    one, other = Row(), Row()
    other.facts = {"auc": 0.6}
    assert (one.found["auc"], other.found["auc"]) == (0.7, 0.6)


def reading_anew(path: Path) -> list[str]:
    """Return the properties of a file that read one of their own columns each time they are asked for."""
    return [
        f"{path.parent.name}.{node.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Name) and "property" in each.id for each in node.decorator_list)
        and any(isinstance(inner, ast.Attribute) and inner.attr == "from_dict" for inner in ast.walk(node))
    ]


def test_no_model_reads_its_json_anew_each_time_it_is_asked_for(tmp_path: Path) -> None:
    assert [name for path in sorted(PLATFORM.glob("*/models.py")) for name in reading_anew(path)] == []
    seen = tmp_path / "models.py"
    seen.write_text("class A:\n    @property\n    def found(self):\n        return Facts.from_dict(self.facts)\n")
    assert [name.rpartition(".")[2] for name in reading_anew(seen)] == ["found"]


@pytest.fixture
def asked() -> list[str]:
    return []


def test_a_question_is_asked_once_a_page_and_anew_on_the_next(asked: list[str]) -> None:
    @once_a_page
    def answer(what: str) -> str:
        asked.append(what)
        return what.upper()

    for _page in range(2):
        with one_page():
            assert [answer("a"), answer("b"), answer("a")] == ["A", "B", "A"]
    assert asked == ["a", "b", "a", "b"]


@pytest.mark.parametrize(("method", "times"), [("get", 1), ("head", 1), ("post", 2), ("delete", 2)])
def test_only_requests_that_change_nothing_remember_answers(asked: list[str], method: str, times: int) -> None:
    @once_a_page
    def answer() -> str:
        asked.append("once")
        return ""

    show = OnePageMiddleware(lambda request: answer() + answer())  # type: ignore[arg-type, return-value]
    show(getattr(RequestFactory(), method)("/"))
    assert len(asked) == times
    answer()  # outside a page
    assert len(asked) == times + 1
