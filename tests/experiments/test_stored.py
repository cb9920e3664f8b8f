"""What is stored comes back as it was, says in which form it was written, and refuses forms nobody knows yet."""

import json
from dataclasses import dataclass, fields
from math import isnan

import numpy as np
import pytest

from experiments import stored
from experiments.data.splitting.split import RowsOfSplit, SplitFacts
from experiments.errors import ArtifactError
from experiments.evaluation.deciles import DecileTable, decile_table
from experiments.evaluation.limits import Verdict
from experiments.evaluation.measures import Measure, Measures, MeasuresBySample
from experiments.leakage.finding import Finding
from experiments.search.finalist import FinalistEvidence
from experiments.sentence import Sentence
from experiments.spec import ExperimentSpec
from experiments.stored import VERSION, Part, Stored, unless_absent


@dataclass(frozen=True)
class Inner(Part):
    number: float
    name: str = ""


@dataclass(frozen=True)
class Note(Stored):
    what, version = "a note", 2
    upgrades = {1: lambda old: {**old, "inner": [{"number": number} for number in old["numbers"]]}}

    inner: tuple[Inner, ...]
    told: Sentence | None = unless_absent()
    by_name: dict[str, Inner] | None = None


def test_parts_lists_and_mappings_come_back_as_they_were() -> None:
    note = Note((Inner(1.0, "a"), Inner(2.0)), Sentence("%(count)s rows", {"count": 2}), {"x": Inner(3.0)})
    stored = json.loads(json.dumps(note.to_dict()))
    assert stored[VERSION] == 2
    assert Note.from_dict(stored) == note


def test_a_number_nobody_could_take_is_null_in_the_file_and_none_or_nan_again() -> None:
    stored = Note((Inner(float("nan")),)).to_dict()
    assert stored["inner"] == [{"number": None, "name": ""}]
    assert isnan(Note.from_dict(stored).inner[0].number)
    assert "told" not in stored
    assert Measures.from_dict({"auc": {"value": None}}).value("auc") is None


def test_an_earlier_form_is_read_and_a_form_that_is_not_known_yet_is_refused_in_a_sentence() -> None:
    assert Note.from_dict({"numbers": [1.5]}) == Note((Inner(1.5),))
    with pytest.raises(
        ArtifactError, match=r"a newer version of Xiaoyu .*a note in format 3; this version reads up to 2"
    ):
        Note.from_dict({VERSION: 3, "inner": []})
    for wrong in ("two", 0, True, 1.5):
        with pytest.raises(ArtifactError, match="cannot be read as a note"):
            Note.from_dict({VERSION: wrong, "inner": []})


def test_what_cannot_be_missing_is_named() -> None:
    with pytest.raises(ArtifactError, match="inner is missing"):
        Note.from_dict({VERSION: 2})


@pytest.mark.parametrize("kind", [ExperimentSpec, SplitFacts, FinalistEvidence, Finding])
def test_each_kind_refuses_what_a_newer_version_wrote(kind: type[Stored]) -> None:
    plain = {"target": "y", "event": "1", "code": "x", "severity": "block", "column": None, "message": "m"}
    kind.from_dict({name: value for name, value in plain.items() if name in kind.__dataclass_fields__})  # type: ignore[attr-defined]
    with pytest.raises(ArtifactError, match="Update Xiaoyu"):
        kind.from_dict({**plain, VERSION: kind.version + 1})


def test_a_split_a_finding_and_the_evidence_of_a_finalist_come_back() -> None:
    split = SplitFacts("out_of_time", "time", RowsOfSplit(80, 0, 20), 5, 5, Sentence("%(folds)s folds", {"folds": 5}))
    finding = Finding("alone", "block", "age", "%(column)s", {"column": "age"}, "exclude", {"auc": 0.99})
    evidence = FinalistEvidence(gap=0.1, limits=(Verdict("ks_gap", 0.1, 0.05, None, "m", {"value": "0.1"}),))
    for kept in (split, finding, evidence):
        assert type(kept).from_dict(json.loads(json.dumps(kept.to_dict()))) == kept
    assert evidence.limits[0].state == "unjudged"
    assert finding.sentence == Sentence("%(column)s", {"column": "age"})


def test_rows_no_model_has_seen_are_the_newest_where_there_are_some() -> None:
    late = MeasuresBySample(held_out=Measures(ks=Measure(0.3)), out_of_time=Measures(ks=Measure(0.2)))
    assert (late.unseen_name, late.unseen.value("ks")) == ("out_of_time", 0.2)
    assert MeasuresBySample(out_of_time=Measures()).unseen_name == ""
    assert [name for name, _ in late] == ["out_of_time", "held_out"]


def test_a_type_is_looked_into_once_however_many_values_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Month(Part):
        name: str
        auc: float
        bins: tuple[float | None, ...] = ()

    looked_at: list[object] = []
    origin = stored.get_origin
    monkeypatch.setattr(stored, "get_origin", lambda kind: looked_at.append(kind) or origin(kind))

    months = [Month.from_dict({"name": str(n), "auc": None, "bins": [0.5, None]}) for n in range(50)]

    assert (months[0].name, isnan(months[0].auc), months[0].bins) == ("0", True, (0.5, None))
    assert len(looked_at) == len(set(looked_at)) <= 4


@dataclass(frozen=True)
class Rowlike:
    share: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Tablelike:
    rows: tuple[Rowlike, ...]
    edges: np.ndarray


@dataclass(frozen=True)
class Wrapping(Stored):
    table: DecileTable


def test_plain_data_is_made_of_dataclasses_arrays_and_what_writes_itself() -> None:
    table = Tablelike((Rowlike(np.float64("nan"), (1, 2)), Rowlike(0.5, ())), np.array([0.1, np.inf]))
    written = {"rows": [{"share": None, "counts": [1, 2]}, {"share": 0.5, "counts": []}], "edges": [0.1, None]}
    assert stored.plain(table) == stored.plain_fields(table) == written
    assert stored.plain({"own": Inner(2.0), "flag": np.bool_(True)}) == {
        "own": {"number": 2.0, "name": ""}, "flag": True,
    }  # fmt: skip


def test_each_value_of_a_table_is_visited_once_when_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    visits, genuine = [], stored.plain

    def counted(value: object) -> object:
        visits.append(value)
        return genuine(value)

    monkeypatch.setattr(stored, "plain", counted)
    table = decile_table([0, 1] * 50, list(range(100)))
    numbers = sum(len(fields(row)) for row in table.rows)
    Wrapping(table).to_dict()
    assert numbers > 100
    assert len(visits) == 1 + len(fields(table)) + len(table.rows) + numbers + len(table.edges)
