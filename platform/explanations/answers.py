"""What the model server answers about one customer; only there is a model or a table opened."""

from typing import Any

import pandas as pd

from common.storage import local_path
from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.scoring.one_customer.changes import changed
from experiments.scoring.one_customer.finding import find_row, is_sampled, row_at
from experiments.scoring.one_customer.knobs import knobs_of
from experiments.scoring.one_customer.score import score_customer
from experiments.scoring.one_customer.smallest import CutOff, smallest_changes
from experiments.scoring.one_customer.surroundings import MOST_ROWS, customers_alike
from experiments.stored import plain
from explanations.errors import ROW_GONE
from serving.opened import OpenModels


def find(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the first of some tables that has a customer, with the row; nothing where none has."""
    for place, table in enumerate(asked["tables"]):
        for written in table["asked"]:
            try:
                found = find_row(local_path(table["table"]), written, column=table["column"])
            except (BadInput, OSError):  # Another version of the table, without that column or without its file.
                continue
            if found is not None:
                return {"place": place, "row": found.row}
    return {}


def explain(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a customer's score and its parts, with other values where some are given."""
    artifact, row = _row(opened, asked)
    return {"score": plain(score_customer(artifact, _tried(artifact, row, asked)).to_dict())}


def knobs(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what of a customer can be tried otherwise."""
    artifact, row = _row(opened, asked)
    around = opened.surroundings(asked["model"], asked["around"])
    return {"knobs": [plain(knob.to_dict()) for knob in knobs_of(around, artifact.read(row)[0])]}


def smallest(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the smallest allowed changes that cross the cut-off."""
    artifact, row = _row(opened, asked)
    around = opened.surroundings(asked["model"], asked["around"])
    cut_off = CutOff(asked["cut_off"], artifact.is_risk)
    found = smallest_changes(around, artifact.read(row)[0], cut_off=cut_off, changeable=asked["changeable"])
    is_across = cut_off.is_crossed(float(artifact.predict(row)[0]))
    return {"is_across": is_across, "suggestions": [plain(one.to_dict()) for one in found]}


def alike(opened: OpenModels, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the customers the model sees most alike, with their outcomes."""
    artifact, row = _row(opened, asked)
    around = opened.surroundings(asked["model"], asked["around"])
    phi, _base = artifact.own_contributions(row)
    own = artifact.read(row)[0] if may_be_among(asked) else None
    return {"alike": plain(customers_alike(around, phi[0], leave_out=own).to_dict())}


def may_be_among(asked: dict[str, Any]) -> bool:
    """Tell whether the customer can be one of those around: of another table nobody knows, of the same one we do."""
    table = local_path(asked["around"])
    return asked["table"] != asked["around"] or is_sampled(table, asked["row"], rows=MOST_ROWS)


def _row(opened: OpenModels, asked: dict[str, Any]) -> tuple[ModelArtifact, pd.DataFrame]:
    artifact = opened.model(asked["model"])
    table = local_path(asked["table"])
    if not table.is_file():
        raise BadInput(ROW_GONE)
    return artifact, row_at(table, asked["row"])


def _tried(artifact: ModelArtifact, row: pd.DataFrame, asked: dict[str, Any]) -> pd.DataFrame:
    changes = asked.get("changes") or {}
    return changed(artifact, row, changes=changes) if changes else row
