"""A scorecard edited on the command line: its bins are listed, changed by a file, and fitted anew as another model."""

import json
from pathlib import Path

import pytest

from experiments import ModelArtifact
from experiments.__main__ import main
from experiments.artifact.manifest import read_attached
from experiments.console.fit import put_in_place
from experiments.console.options import require_place
from experiments.search.held_out import READINGS
from tests.experiments.customers import customers
from tests.experiments.loans import model_of


def test_the_bins_of_a_scorecard_are_listed_in_either_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model_of("scorecard").save(tmp_path / "model")
    assert main(["card", str(tmp_path / "model")]) == 0
    listed = capsys.readouterr().out
    assert "[0]" in listed
    assert "rows, event rate" in listed
    assert main(["card", str(tmp_path / "model"), "--language", "zh"]) == 0
    assert "行，事件率" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("edits", "more", "told"),
    [
        ('{"act": "merge"}', ["--train", "train.csv"], "is not a list of edits"),
        ("[]", ["--train", "train.csv"], "is not a list of edits"),
        ('[{"column": "age"}]', ["--train", "train.csv"], "is not a list of edits"),
        ("[" * 100_000, ["--train", "train.csv"], "is not a list of edits"),
        ('[{"act": "merge"}]', [], "with --train"),
    ],
)
def test_edits_that_cannot_be_read_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edits: str, more: list[str], told: str
) -> None:
    (tmp_path / "edits.json").write_text(edits, encoding="utf-8")
    assert main(["card", str(tmp_path), "--edits", str(tmp_path / "edits.json"), *more]) == 2
    assert told in capsys.readouterr().err


def test_the_model_that_is_edited_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_of("scorecard").save(tmp_path / "model")
    for name in ("edits.json", "train.csv"):
        (tmp_path / name).write_text('[{"act": "merge"}]', encoding="utf-8")
    asked = ["--train", str(tmp_path / "train.csv"), "--edits", str(tmp_path / "edits.json")]
    inside = [["--out", str(tmp_path / "model" / name)] for name in ("", "new")]
    for more in (*inside, ["--work-dir", str(tmp_path / "model")]):
        assert main(["card", str(tmp_path / "model"), *asked, *more]) == 2
        assert "inside the model's folder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["card", "fit"])
def test_only_a_model_or_an_empty_folder_gives_way_to_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    files = {tmp_path / name: '[{"act": "merge"}]' for name in ("edits.json", "train.csv")}
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")
    train = str(tmp_path / "train.csv")
    asked = {
        "card": ["card", str(tmp_path / "model"), "--train", train, "--edits", str(tmp_path / "edits.json")],
        "fit": ["fit", train, "--target", "bad"],
    }
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    for out in (tmp_path, tmp_path / "train.csv", tmp_path / "link"):
        assert main([*asked[command], "--out", str(out)]) == 2
        assert "no saved model" in capsys.readouterr().err
    assert {path: path.read_text(encoding="utf-8") for path in files} == files
    (tmp_path / "empty").mkdir()
    require_place(str(tmp_path / "empty"))
    model_of("scorecard").save(tmp_path / "model")
    require_place(str(tmp_path / "model"))


def test_a_model_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "of").write_text(name, encoding="utf-8")

    def ended_half_way(made: Path, place: Path) -> None:
        place.mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put_in_place(tmp_path / "after", tmp_path / "before", by=ended_half_way)
    assert (tmp_path / "before" / "of").read_text(encoding="utf-8") == "before"
    put_in_place(tmp_path / "after", tmp_path / "before")
    assert (tmp_path / "before" / "of").read_text(encoding="utf-8") == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["before"]


def test_a_place_for_the_card_needs_edits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", str(tmp_path), "--out", str(tmp_path / "new")]) == 2
    assert "with --edits" in capsys.readouterr().err


@pytest.mark.slow
def test_a_card_is_changed_by_a_file_fitted_anew_and_saved_as_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, work, edits, new = (str(tmp_path / name) for name in ("train.csv", "work", "edits.json", "new"))
    customers().to_csv(train, index=False)
    asked = ["--target", "bad", "--id", "id", "--trials", "1", "--learners", "linear", "--work-dir", work]
    assert main(["fit", train, *asked, "--out", str(tmp_path / "model")]) == 0
    scorecard = str(tmp_path / "work" / "run" / "models" / "scorecard")
    changes = [
        {"act": "merge", "column": "age", "bin": 0}, {"act": "want", "column": "age", "wanted": "in"},
        {"act": "scale", "base": 700, "odds": 30, "pdo": 45},
    ]  # fmt: skip
    Path(edits).write_text(json.dumps(changes), encoding="utf-8")
    capsys.readouterr()
    command = ["card", scorecard, "--train", train, "--edits", edits]

    ledger = tmp_path / "work" / "run" / READINGS
    of_the_run = len(ledger.read_text(encoding="utf-8").splitlines())
    assert main([*command, "--out", new, "--work-dir", work]) == 0
    told = capsys.readouterr().out
    assert "1. age: bins 1 and 2 merged. AUC of the card on training rows:" in told
    assert "slightly optimistic" in told
    # Opening the card read the rows set aside once, the refit once more, and both count with those of the run.
    entries = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert (len(entries) - of_the_run, len({entry["rows"] for entry in entries})) == (2, 1)
    model = ModelArtifact.load(new)
    (member,) = model.members
    before = ModelArtifact.load(scorecard).members[0].card.binning_.bins_["age"]  # type: ignore[attr-defined]
    assert member.card.binning_.bins_["age"].edges == before.edges[1:]  # type: ignore[attr-defined]
    assert member.card.scale.base == 700  # type: ignore[attr-defined]
    finalists = read_attached(Path(new), "run.json")["finalists"]
    assert "scorecard_by_hand_1" in {each["candidate"] for each in finalists}

    Path(edits).write_text('[{"act": "merge", "column": "age", "bin": 99}]', encoding="utf-8")
    assert main(command) == 2
    assert "Edit 1: Only neighbouring bins" in capsys.readouterr().err
    customers().drop(columns="bad").to_csv(train, index=False)
    assert main(command) == 2
    assert "no column bad" in capsys.readouterr().err
    customers(300, seed=3).to_csv(train, index=False)
    assert main(command) == 2
    assert "not the file that this scorecard was trained on" in capsys.readouterr().err
