"""A bundle proves itself and scores where there is nothing of ours."""

import csv
import json
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from experiments import ModelArtifact
from experiments.__main__ import main
from experiments.artifact.manifest import read_manifest
from experiments.errors import BadInput
from experiments.exports.formats import bundle as writing
from experiments.exports.formats.bundle import Bundle, scored_in_parts, write_checksums
from experiments.exports.making import export_model
from experiments.exports.rows import UNSEEN_LEVEL, check_rows
from experiments.exports.runtime.xiaoyu_bundle import _text
from tests.experiments.exports.models import BENT, applicants, saved_model

pytestmark = pytest.mark.slow

# What a receiver without LightGBM has: NumPy alone, whatever is installed beside it.
ONLY_NUMPY = """
import importlib.abc, runpy, sys
class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top in {forbidden!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Only())
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError("asked for the network")
sys.addaudithook(refuse)
sys.argv = {argv!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""
NOTHING_OF_OURS = ("experiments", "pandas", "sklearn", "polars", "pyarrow", "numba", "flaml")


def run(program, *arguments, forbidden=NOTHING_OF_OURS):
    argv = [str(program), *map(str, arguments)]
    code = ONLY_NUMPY.format(forbidden=tuple(forbidden), argv=argv)
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    def unpack(family, **options):
        place = tmp_path_factory.mktemp(family)
        model = saved_model(place / "model", family, **options)
        export_model(model, place / "bundle.zip", form="bundle")
        with zipfile.ZipFile(place / "bundle.zip") as packed:
            packed.extractall(place / "bundle")
        return model, place / "bundle"

    return unpack


def test_a_card_verifies_itself_with_numpy_alone(bundle):
    _, folder = bundle("scorecard", calibrator=BENT)
    ran = run(folder / "verify.py", forbidden=(*NOTHING_OF_OURS, "lightgbm", "scipy"))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "200 rows score as expected" in ran.stdout


def test_an_ensemble_verifies_itself_and_scores_a_file_as_the_model_does(bundle, tmp_path):
    model, folder = bundle("ensemble")
    forbidden = [name for name in NOTHING_OF_OURS if name not in ("pandas", "sklearn", "pyarrow")]
    ran = run(folder / "verify.py", forbidden=forbidden)
    assert (ran.returncode, ran.stderr) == (0, "")
    licences = {one["package"]: one["licence"] for one in json.loads((folder / "licences.json").read_text())}
    assert {"numpy", "lightgbm", "scipy"} <= set(licences)
    assert not [licence for licence in licences.values() if not licence or licence.startswith("Copyright")]
    frame, _ = applicants(300, seed=8)
    frame.loc[3, "job"] = "astronaut"
    frame.to_csv(tmp_path / "rows.csv", index=False)

    ran = run(folder / "score.py", tmp_path / "rows.csv", tmp_path / "scores.csv", forbidden=forbidden)

    assert ran.returncode == 0, ran.stderr
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as stream:
        scored = list(csv.DictReader(stream))
    artifact = ModelArtifact.load(model)
    assert [float(line["probability"]) for line in scored] == pytest.approx(artifact.predict(frame).tolist(), abs=1e-9)
    phi, _ = artifact.own_contributions(frame)
    told = [
        [f"{one.column}: {one.state}".removeprefix(": ") for one in row]
        for row in artifact.reason_book.top_reasons(frame, phi)
    ]
    assert [[line[f"reason_{n}"] for n in range(1, 5) if line[f"reason_{n}"]] for line in scored] == told


def test_a_file_that_was_changed_is_found(bundle):
    _, folder = bundle("baseline")
    (folder / "rows.csv").write_text((folder / "rows.csv").read_text() + "\n")
    (folder / "score.py").write_text("raise SystemExit('ran what was changed')\n")
    (folder / "model" / "member_1.linear.json").write_text("{}")
    (folder / "licences.json").unlink()
    ran = run(folder / "verify.py")
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == [
        "licences.json is missing or was changed.", "rows.csv is missing or was changed.",
        "score.py is missing or was changed.", "model/member_1.linear.json is not part of the bundle.",
    ]  # fmt: skip
    (folder / "SHA256SUMS").unlink()
    assert run(folder / "verify.py").stdout == "SHA256SUMS is missing.\n"


def test_a_bundle_that_does_not_verify_itself_is_not_exported(tmp_path):
    artifact = ModelArtifact.load(saved_model(tmp_path / "model", "baseline"))
    form, out = Bundle(), tmp_path / "out"
    out.mkdir()
    rows = check_rows(artifact, form.require(artifact))
    form.write(artifact, form.require(artifact), out, rows)
    lines = (out / "expected.csv").read_text().splitlines()
    reasons = lines[5].split(",")[3:]
    (out / "expected.csv").write_text("\n".join([*lines[:5], lines[5].replace(",".join(reasons), "other: high,,,"),
                                                *lines[6:]]) + "\n")  # fmt: skip
    write_checksums(out)

    with pytest.raises(BadInput, match="other: high"):
        form.scores(artifact, out, rows)


def test_a_level_that_a_single_customer_had_is_checked_but_not_among_the_rows_that_leave(tmp_path):
    artifact = ModelArtifact.load(saved_model(tmp_path / "model", "baseline"))
    column = next(column for column in artifact.encoder.columns_ if column.name == "job")
    column.rare_levels = ["keeper of the royal falcons"]
    form, out = Bundle(), tmp_path / "out"
    out.mkdir()
    rows = check_rows(artifact, form.require(artifact))

    form.write(artifact, form.require(artifact), out, rows)

    assert "keeper of the royal falcons" in set(rows.frame["job"])
    written = (out / "rows.csv").read_text()
    assert "falcons" not in written
    assert UNSEEN_LEVEL in written


def test_rows_are_given_to_the_program_in_parts_that_fit_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "CELLS_AT_ONCE", 20)
    given = []

    def score(sample, scored):
        cells = pd.read_csv(sample)
        given.append(len(cells))
        cells.rename(columns={"a": "probability"}).to_csv(scored, index=False)

    found = scored_in_parts(pd.DataFrame({"a": np.arange(25.0), "b": 1.0}), tmp_path, score)

    assert found.tolist() == list(range(25))
    assert given == [10, 10, 5]


@pytest.mark.parametrize("cell", [None, pd.NA, pd.NaT, np.nan, ""])
def test_every_empty_cell_of_a_data_frame_is_an_empty_cell(cell):
    assert _text(cell) == ""


def test_a_file_that_lacks_a_column_or_cannot_be_read_is_one_sentence(bundle, tmp_path):
    _, folder = bundle("linear")
    for written, told in ((b"", "is empty"), ("姓名".encode("gbk"), "cannot be read as CSV in UTF-8")):
        (tmp_path / "rows.csv").write_bytes(written)
        ran = run(folder / "score.py", tmp_path / "rows.csv", tmp_path / "scores.csv")
        assert (ran.returncode, told in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)
    applicants(5)[0].drop(columns="age").to_csv(tmp_path / "rows.csv", index=False)
    ran = run(folder / "score.py", tmp_path / "rows.csv", tmp_path / "scores.csv")
    assert ran.returncode == 1
    assert "age" in ran.stderr
    assert not (tmp_path / "scores.csv").exists()


def test_the_model_inside_is_the_model_without_what_was_attached(bundle):
    model, folder = bundle("scorecard")
    inside = read_manifest(folder / "model")
    assert inside["hash"] == read_manifest(model)["hash"]
    assert inside["attached"] == {}
    assert (folder / "licences.json").read_text().count('"package"') == 1


def test_the_command_line_tells_the_proof_and_refuses_what_is_there(tmp_path, capsys):
    model = saved_model(tmp_path / "model", "baseline")
    arguments = ["export", str(model), "--format", "bundle", "--out", str(tmp_path / "card.zip")]
    assert main(arguments) == 0
    assert "no two probabilities are further apart" in capsys.readouterr().out
    assert main(arguments) == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert main([*arguments[:-1], str(model / "card.zip")]) == 2
