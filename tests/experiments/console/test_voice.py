"""A command speaks the language it was asked for: what it prints, and what it refuses."""

import io

from experiments.__main__ import main
from experiments.console.score import told
from experiments.console.screen import FINISHING, STAGES, Screen
from experiments.console.voice import Voice, left, places, right
from experiments.progress import Skipped, StageStarted
from experiments.scoring.findings import Finding
from experiments.sentence import Sentence

ZH = Voice("zh")


def test_a_refusal_is_said_in_the_language_asked_for(capsys):
    asked = ["fit", "nowhere.csv", "--target", "bad", "--out", "model"]

    assert (main([*asked, "--language", "zh"]), main(asked)) == (2, 2)

    assert capsys.readouterr().err == "没有文件 nowhere.csv。\nThere is no file nowhere.csv.\n"


def test_what_scrolls_by_is_said_in_the_language_asked_for():
    stream = io.StringIO()
    screen = Screen(stream, language="zh")

    screen(StageStarted("search"))
    screen(Skipped("catboost", "There was no time left to save this finalist.", {}))

    assert stream.getvalue() == "搜索 …\n  catboost：没有时间保存这个入围模型。\n"


def test_all_that_a_screen_says_is_known_in_chinese():
    assert [text for text in (*STAGES.values(), FINISHING) if ZH.word(text) == text] == []


def test_what_scoring_met_is_told_in_chinese_with_its_columns():
    found = Finding(
        "warn",
        Sentence("Columns are missing"),
        Sentence("They were read as empty."),
        (("age", None), ("income", Sentence("completely empty"))),
    )

    assert told(found, ZH) == "! 有列缺失：age、income（整列为空）。按空值处理。"
    assert told(found, Voice()) == "! Columns are missing: age, income (completely empty). They were read as empty."


def test_columns_of_chinese_text_stand_in_line_on_a_terminal():
    assert (places("模型 AUC"), places("model")) == (8, 5)
    assert left("模型", 6) + right("区间", 6) == "模型    区间"
