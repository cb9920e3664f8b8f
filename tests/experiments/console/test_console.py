"""The commands: what they print, write and refuse."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.__main__ import _parser
from experiments.artifact.manifest import read_manifest
from experiments.artifact.release import RELEASE
from experiments.console.options import read_directions, reading_options
from experiments.errors import BadInput
from experiments.sentence import Sentence
from tests.experiments.customers import customers


def _run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "experiments", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_fit_score_and_report_go_together(tmp_path):
    with (tmp_path / "train.csv").open("w", encoding="utf-8") as table:
        customers().to_csv(table, index=False)
        table.write("合计" + "," * (customers().shape[1] - 1) + "\n")
    customers(40, seed=8).to_csv(tmp_path / "rows.csv", index=False)
    model = str(tmp_path / "model")
    fitted = _run("fit", str(tmp_path / "train.csv"), "--target", "bad", "--id", "id", "--trials", "2", "--out", model)
    assert fitted.returncode == 0, fitted.stderr
    assert "Recommended:" in fitted.stdout
    assert "Rows that hold totals, not customers, were left out: 1 (合计)" in fitted.stdout
    assert "The event is yes in bad, the rarer value" in fitted.stdout
    assert _run("score", model, str(tmp_path / "rows.csv"), "--out", str(tmp_path / "scores.csv")).returncode == 0
    with (tmp_path / "scores.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 40
    assert list(rows[0])[:4] == ["id", "probability", "score", "band"]
    reported = _run("report", model, "--out", str(tmp_path / "report.html"), "--language", "zh")
    assert reported.returncode == 0, reported.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert RELEASE in page
    assert "没有样本定义的记录" in page
    assert "模型验证报告" in page
    assert '<script src="http' not in page


@pytest.mark.slow
def test_what_looks_protected_is_said_and_may_be_released_added_or_kept_out(tmp_path):
    customers().rename(columns={"age": "cust_age"}).to_csv(tmp_path / "train.csv", index=False)
    model = tmp_path / "model"
    asked = ("fit", str(tmp_path / "train.csv"), "--target", "bad", "--id", "id", "--trials", "1", "--single",
             "--learners", "linear", "--out", str(model))  # fmt: skip

    plain = _run(*asked, "--protected", "job", "--without-protected")
    assert "cust_age: protected by name or values" in plain.stdout, plain.stderr
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["facts"]["spec"]["protected"] == ["job", "cust_age"]
    assert not {"job", "cust_age"} & {column["name"] for column in manifest["signature"]}

    released = _run(*asked, "--not-protected", "cust_age")
    assert "protected by name" not in released.stdout
    assert json.loads((model / "manifest.json").read_text(encoding="utf-8"))["facts"]["spec"]["protected"] == []
    unknown = _run(*asked, "--not-protected", "agee")
    assert (unknown.returncode, "no column agee" in unknown.stderr) == (2, True)


def test_a_sentence_within_a_sentence_is_told_to_the_end():
    others = [{"message": "%(sheet)s (hidden)", "params": {"sheet": "码表"}}, {"message": "notes"}]
    sentence = Sentence("Left aside: %(others)s. Columns: %(columns)s.", {"others": others, "columns": ["a", "b"]})
    assert str(sentence) == "Left aside: 码表 (hidden); notes. Columns: a, b."
    assert str(BadInput(sentence.message, **sentence.params)) == str(sentence)


def test_directions_are_read_in_every_spelling():
    texts = ["age=+", "income=-", "a=b=1", "debt=-1", "used=Increasing", "years=decreasing", "age=+1"]
    assert read_directions(texts) == {"age": 1, "income": -1, "a=b": 1, "debt": -1, "used": 1, "years": -1}


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["age"], "Write a monotone constraint as COLUMN=+ or COLUMN=-, not age."),
        (["age=up"], "Write a monotone constraint as COLUMN=+ or COLUMN=-, not age=up."),
        (["=+"], "Write a monotone constraint as COLUMN=+ or COLUMN=-, not =+."),
        (["age=+", "age=-"], "age is given two monotone constraints."),
    ],
)
def test_a_direction_that_cannot_be_read_is_one_sentence(texts, sentence):
    with pytest.raises(BadInput) as raised:
        read_directions(texts)
    assert str(raised.value) == sentence


def test_both_commands_take_how_the_file_is_read():
    said = ["--encoding", "windows-1252", "--delimiter", "tab", "--decimal", ",", "--header-line", "3", "--keep-totals"]
    for command in (["fit", "t.csv", "--target", "y", "--out", "m"], ["score", "m", "t.csv", "--out", "s.csv"]):
        found = reading_options(_parser().parse_args([*command, *said]))
        assert (found.encoding, found.delimiter, found.decimal) == ("windows-1252", "\t", ",")
        assert (found.header_line, found.totals, found.on_broken_bytes) == (3, "keep", "refuse")
        with pytest.raises(BadInput, match="A delimiter is a single character"):
            reading_options(_parser().parse_args([*command, "--delimiter", ";;"]))


@pytest.mark.slow
def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path):
    customers(60).to_csv(tmp_path / "train.csv", index=False)
    out = str(tmp_path / "model")
    for arguments, sentence in [
        (["fit", str(tmp_path / "gone.csv"), "--target", "bad", "--out", out], "There is no file"),
        (["fit", str(tmp_path / "train.csv"), "--target", "churn", "--out", out], "The table has no column churn"),
        (
            ["fit", str(tmp_path / "train.csv"), "--target", "bad", "--event", "maybe", "--out", out],
            "has no value maybe",
        ),
        (["fit", str(tmp_path / "train.csv"), "--target", "bad", "--folds", "0", "--out", out], "folds cannot be 0."),
        (["fit", str(tmp_path / "train.csv"), "--target", "bad", "--trials", "0", "--out", out], "trials cannot be 0."),
        (["fit", str(tmp_path / "train.csv"), "--target", "bad", "--budget", "-1", "--out", out], "cannot be -1."),
        (
            ["fit", str(tmp_path / "train.csv"), "--target", "bad", "--learners", "lightgmb", "--out", out],
            "Did you mean lightgbm?",
        ),
        (
            ["fit", str(tmp_path / "train.csv"), "--target", "bad", "--exclude", "incme", "--out", out],
            "The table has no column incme. Did you mean income?",
        ),
        (["score", str(tmp_path), str(tmp_path / "train.csv"), "--out", out], "holds no model"),
    ]:
        done = _run(*arguments)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Traceback" not in done.stderr


def _begin(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "experiments", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _trials(work: Path) -> list[dict]:
    kept = work / "run" / "trials" / "trials.jsonl"
    # A line that is just being written has no end yet.
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True) if kept.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _wait_for_trials(work: Path, count: int, process: subprocess.Popen) -> None:
    while len(_trials(work)) < count:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)


@pytest.mark.slow
def test_the_first_ctrl_c_keeps_the_best_found_so_far(tmp_path):
    customers(2000).to_csv(tmp_path / "train.csv", index=False)
    work, model = tmp_path / "work", tmp_path / "model"
    asked = ("--target", "bad", "--id", "id", "--budget", "600", "--work-dir", str(work), "--out", str(model))
    fitting = _begin("fit", str(tmp_path / "train.csv"), *asked)
    _wait_for_trials(work, 4, fitting)
    fitting.send_signal(signal.SIGINT)
    told, _ = fitting.communicate(timeout=500)
    assert fitting.returncode == 0, told
    assert "Finishing with the best model so far." in told
    assert (model / "manifest.json").exists()


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_work_folder(tmp_path):
    customers().to_csv(tmp_path / "train.csv", index=False)
    work, model = tmp_path / "work", tmp_path / "model"
    asked = ("fit", str(tmp_path / "train.csv"), "--target", "bad", "--id", "id", "--trials", "4", "--out", str(model))
    killed = _begin(*asked, "--work-dir", str(work))
    _wait_for_trials(work, 3, killed)
    killed.kill()
    killed.communicate()
    before = _trials(work)
    assert _run(*asked, "--work-dir", str(work)).returncode == 0
    assert _trials(work)[: len(before)] == before
    resumed = read_manifest(model)["hash"]
    assert _run(*asked).returncode == 0
    assert resumed == read_manifest(model)["hash"]
