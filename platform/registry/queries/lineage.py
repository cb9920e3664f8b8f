"""Where a version comes from: sources, data versions, experiment, trial, code and packages, and its own files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import DatasetVersion, VersionOrigin
from common.storage import local_path
from common.templatetags.formatting import count, moment
from experiments.artifact.manifest import hash_of, listed_files, read_manifest
from experiments.errors import ExperimentError
from experiments.telling import filled
from registry.models import ModelVersion
from training.models import LeaderboardRow, Trial
from training.words import learner_name


@dataclass(frozen=True)
class Node:
    """One thing that a version rests on.

    Attributes
    ----------
    kind : source, data, experiment, trial, software or model. hash : by which it is known. facts : of it, for programs.
    said : of it, for people. of : ids of what it was made of.
    """

    id: str
    kind: str
    title: str
    said: str = ""
    hash: str = ""
    url: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A column of the drawing: what stands at one distance from the version."""

    name: str
    icon: str
    nodes: list[Node]


@dataclass(frozen=True)
class Lineage:
    """All that a version rests on, the sources first."""

    nodes: list[Node]

    def stages(self) -> list[Stage]:
        """Return the nodes column by column; a column without any is left out."""
        heads = (
            ("source", _("Sources"), "file"), ("data", _("Data versions"), "database"),
            ("experiment", _("Experiment"), "flask"), ("trial", _("Trial"), "git-branch"),
            ("software", _("Code and packages"), "package"), ("model", _("Model version"), "box"),
        )  # fmt: skip
        columns = [Stage(name, icon, [node for node in self.nodes if node.kind == kind]) for kind, name, icon in heads]
        return [column for column in columns if column.nodes]

    def to_dict(self) -> dict[str, Any]:
        """Return nodes and edges as plain data; an edge leads from what something was made of to it."""
        names = ("id", "kind", "title", "hash", "url", "facts")
        return {
            "nodes": [{name: getattr(node, name) for name in names} for node in self.nodes],
            "edges": [{"source": before, "target": node.id} for node in self.nodes for before in node.of],
        }


def lineage_of(version: ModelVersion) -> Lineage:
    """Return what a version rests on, from what is on record; nothing of any customer is in it."""
    row = version.leaderboard_row
    experiment = row.experiment
    data = _data_behind(experiment.version)
    nodes = [*_sources(data), *(_data(each, data) for each in data)]
    nodes += [_experiment(row), _trial(row), _software(version), _model(version)]
    return Lineage(nodes)


def _data_behind(version: DatasetVersion) -> list[DatasetVersion]:
    """Return the versions whose rows are in this one, by appending or by a join; this one comes last."""
    found: dict[int, DatasetVersion] = {}
    open_ends = [version]
    while open_ends:
        each = open_ends.pop(0)
        if each.pk in found:
            continue
        found[each.pk] = each
        named = _made_of(each)
        known = DatasetVersion.objects.filter(
            pk__in=named - set(found), dataset__workspace=version.dataset.workspace_id
        )
        open_ends += known.select_related("dataset")
    return list(found.values())[::-1]


def _made_of(version: DatasetVersion) -> set[int]:
    """Return the keys of the versions that this one names itself; theirs are asked of them."""
    named = {source["version"] for source in version.lineage.get("sources", []) if "version" in source}
    appended_to = version.lineage.get("append_to")
    return named | {appended_to} if version.origin == VersionOrigin.APPEND and appended_to else named


def _sources(data: list[DatasetVersion]) -> Iterator[Node]:
    for each in data:
        for number, source in enumerate(each.lineage.get("sources", [])):
            if "version" not in source:
                yield _source(each, number, source)


def _source(version: DatasetVersion, number: int, source: dict[str, Any]) -> Node:
    kind = str(source.get("kind", "file"))
    asked = version.lineage.get("query", {})
    title = (
        str(asked.get("connection_name") or source.get("file", "")) if kind == "query" else str(source.get("file", ""))
    )
    said = _("The result of the query, stored as received") if kind == "query" else _("The file as it came")
    facts = {"kind": kind, "file": source.get("file", ""), "bytes": source.get("bytes", 0)}
    return Node(_source_id(version, number), "source", title, said, str(source.get("sha256", "")), facts=facts)


def _source_id(version: DatasetVersion, number: int) -> str:
    return f"source:{version.pk}.{number}"


def _data(version: DatasetVersion, data: list[DatasetVersion]) -> Node:
    sources = version.lineage.get("sources", [])
    of = [_source_id(version, number) for number, source in enumerate(sources) if "version" not in source]
    known = {each.pk for each in data}
    of += [f"data:{pk}" for pk in sorted(_made_of(version) & known)]
    url = reverse("dataset_detail", args=[version.pk])
    facts = {
        "dataset": version.dataset.name, "number": version.number, "origin": version.origin, "rows": version.row_count,
        "file_sha256": version.sha256, "table_sha256": version.parquet_sha256,
        "read_with": version.lineage.get("engine", {}),
    }  # fmt: skip
    rows = filled(_("%(rows)s rows"), {"rows": count(version.row_count)})
    said, known_by = f"{version.get_origin_display()} · {rows}", version.parquet_sha256 or version.sha256
    return Node(f"data:{version.pk}", "data", str(version), said, known_by, url, facts, tuple(of))


def _experiment(row: LeaderboardRow) -> Node:
    experiment = row.experiment
    asked = hash_of(experiment.spec)
    facts = {
        "id": experiment.pk, "kind": experiment.kind, "owner": experiment.owner.username, "seed": experiment.seed,
        "spec_sha256": asked, "finished_at": experiment.finished_at.isoformat() if experiment.finished_at else None,
        "trials": experiment.trials.count(),
    }  # fmt: skip
    when = moment(experiment.finished_at) if experiment.finished_at else ""
    said = " · ".join(part for part in (str(experiment.owner), when) if part)
    url = f"{reverse('experiment_result', args=[experiment.pk])}?{urlencode({'candidate': row.candidate})}"
    before = (f"data:{experiment.version_id}",)
    return Node(f"experiment:{experiment.pk}", "experiment", experiment.name, said, asked, url, facts, before)


def _trial(row: LeaderboardRow) -> Node:
    """Return the finalist with the trial that proposed it; what is composed of others has none of its own."""
    number = row.kept.trial
    trial = Trial.objects.filter(experiment=row.experiment_id, number=number).first() if number else None
    said = _("Trial %(number)s") % {"number": number} if trial else _("Made of several trials")
    facts = {
        "candidate": row.candidate, "learner": row.learner, "number": number or None,
        "settings": trial.params if trial else {},
    }  # fmt: skip
    title = learner_name(row.learner)
    before = (f"experiment:{row.experiment_id}",)
    return Node(f"trial:{row.pk}", "trial", title, said, hash_of(facts["settings"]) if trial else "", "", facts, before)


def _software(version: ModelVersion) -> Node:
    versions = {str(name): str(number) for name, number in _manifest(version).get("versions", {}).items()}
    release = versions.get("xiaoyu", "")
    said = " · ".join(f"{name} {number}" for name, number in versions.items() if name != "xiaoyu")
    title = _("Xiaoyu %(release)s") % {"release": release} if release else _("Not recorded")
    return Node(f"software:{version.pk}", "software", title, said, hash_of(versions), "", versions)


def _model(version: ModelVersion) -> Node:
    manifest = _manifest(version)
    files = listed_files(manifest) if manifest else {}
    facts = {
        "model": version.registered_model.name, "number": version.number, "state": version.state,
        "alias": version.alias, "artifact_sha256": version.artifact_hash, "all_files_sha256": version.artifact_seal,
        "files": files,
    }  # fmt: skip
    said = f"{version.author} · {moment(version.created_at)}"
    url = reverse("model_version_detail", args=[version.pk])
    before = (f"trial:{version.leaderboard_row_id}", f"software:{version.pk}")
    return Node(f"model:{version.pk}", "model", str(version), said, version.artifact_hash, url, facts, before)


def _manifest(version: ModelVersion) -> dict[str, Any]:
    try:
        recorded = {"model_hash": version.artifact_hash, "seal": version.artifact_seal}
        return read_manifest(local_path(version.artifact_path), **recorded)
    except ExperimentError:
        return {}
