"""Comparing a run that has just ended with the run it repeats: what it rests on, its trials, its models."""

import hashlib
import json
import platform
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from audit.services import record
from common.storage import local_path
from experiments.artifact.manifest import MANIFEST
from experiments.processor import cores
from experiments.search.replay import STORY
from experiments.sentence import Sentence
from reruns.facts import Compared, RerunFacts
from reruns.models import Rerun
from training.models import Experiment
from training.queries.repeats import REPLAY, hashes_of

# What must be equal in a trial, in the order in which it comes about.
OF_TRIAL = {
    "learner": gettext_noop("the algorithm"),
    "backend": gettext_noop("who proposed it"),
    "stage": gettext_noop("the stage"),
    "params": gettext_noop("a setting"),
    "state": gettext_noop("how it ended"),
    "fold_aucs": gettext_noop("AUC in a fold"),
    "iterations": gettext_noop("the number of rounds"),
    "auc": gettext_noop("AUC"),
    "ks": gettext_noop("KS"),
    "log_loss": gettext_noop("log loss"),
    "objective": gettext_noop("the measure that was optimised"),
}
DATA = gettext_noop("The table is not the one originally read: hash %(now)s instead of %(before)s.")
VERSION = gettext_noop("%(name)s is version %(now)s here; the original run had %(before)s.")
CORES = gettext_noop("Cores on this machine: %(now)s; in the original run: %(before)s.")
SYSTEM = gettext_noop("This machine is %(now)s; the original run was on %(before)s.")
ENDED_EARLY = gettext_noop("The re-run was ended early by a person.")
TRIAL = gettext_noop("In trial %(number)s, %(what)s is %(now)s instead of %(before)s.")
NO_TRIAL = gettext_noop("Trial %(number)s of the original run is missing.")
MORE_TRIALS = gettext_noop("Extra trials in the re-run: %(count)s.")
MODEL = gettext_noop("The hash of model %(candidate)s is %(now)s instead of %(before)s.")
NO_MODEL = gettext_noop("Model %(candidate)s of the original run was not reproduced.")
FILE = gettext_noop("In the folder of model %(candidate)s the first file that differs is %(file)s.")
CORES_USED, SYSTEM_USED = "cores", "system"
SHOWN_OF_HASH = 12


def compare_finished(again: Experiment) -> None:
    """Compare a run with the one it repeats, if somebody asked for that and it has not been done."""
    rerun = Rerun.objects.filter(again=again, compared_at=None).select_related("experiment", "asked_by").first()
    if rerun is not None:
        keep(rerun, facts_of(again))


@transaction.atomic
def keep(rerun: Rerun, facts: RerunFacts) -> None:
    """Keep what was found, once, and put it on record."""
    is_same = not any(_is_of_result(each) for each in facts.differences)
    rerun.verdict = Rerun.Verdict.SAME if is_same else Rerun.Verdict.DIFFERENT
    rerun.facts, rerun.machine, rerun.compared_at = facts.to_dict(), machine(), timezone.now()
    rerun.save(update_fields=["verdict", "facts", "machine", "compared_at"])
    details = {
        "trials": f"{facts.same_trials}/{facts.trials}",
        "models": f"{facts.same_models}/{facts.models}",
        "machine": rerun.machine,
    }
    action = "rerun.matched" if is_same else "rerun.differed"
    record(rerun.asked_by, action, workspace=rerun.experiment.workspace, obj=rerun, details=details)


def machine() -> str:
    """Return where this process runs, as people know the machine."""
    return f"{socket.gethostname()} ({platform.system()} {platform.machine()})"[:200]


def facts_of(again: Experiment) -> RerunFacts:
    """Return what is the same in a run and in the one it repeats, and what differs, the likeliest cause first."""
    before = _Record(again.work_dir / REPLAY)
    row = again.leaderboard.exclude(model_path="").filter(candidate=before.candidate).first()
    row = row or again.leaderboard.exclude(model_path="").first()
    now = _Record(local_path(row.model_path)) if row else _Record(None)
    grounds = (*_data(again), *_versions(before, now), *_machines(before, now))
    trials = list(_unlike_trials(before.trials, now.trials))
    hashes = _hashes(again)
    differences = (
        *(sentence for each in grounds if (sentence := _told(each))),
        *([Sentence(ENDED_EARLY)] if again.found.ended_early else []),
        *(sentence for _number, sentence in trials),
        *_unlike_models(hashes, before, now),
    )
    unlike = {number for number, _sentence in trials if number in before.trials}
    return RerunFacts(
        grounds=grounds,
        trials=len(before.trials),
        same_trials=len(before.trials) - len(unlike),
        hashes=hashes,
        differences=differences,
    )


class _Record:
    """What lies beside a model: how it was made, of what, with which versions."""

    def __init__(self, folder: Path | None) -> None:
        self.manifest = _read(folder, MANIFEST)
        self.story = _read(folder, STORY)
        self.candidate = str(self.manifest.get("facts", {}).get("candidate", ""))
        self.versions: dict[str, str] = self.manifest.get("versions", {})
        self.machine: dict[str, Any] = self.story.get("machine", {})
        self.files: dict[str, str] = self.manifest.get("checksums", {})
        self.trials: dict[int, dict[str, Any]] = {each["number"]: each for each in self.story.get("trials", [])}


def _read(folder: Path | None, name: str) -> dict[str, Any]:
    path = folder / name if folder else None
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path and path.is_file() else {}
    return found


def _data(again: Experiment) -> Iterator[Compared]:
    """Yield the table's hash when it was read in and now."""
    version = again.version
    path = local_path(version.parquet_path) if version.parquet_path else None
    if version.parquet_sha256 and path and path.is_file():
        with path.open("rb") as table:
            yield Compared("data", version.parquet_sha256, hashlib.file_digest(table, "sha256").hexdigest())


def _versions(before: _Record, now: _Record) -> Iterator[Compared]:
    for name in sorted({*before.versions, *now.versions}):
        yield Compared(name, before.versions.get(name, ""), now.versions.get(name, ""))


def _machines(before: _Record, now: _Record) -> Iterator[Compared]:
    here = now.machine or {CORES_USED: cores()}
    for name in (CORES_USED, SYSTEM_USED):
        yield Compared(name, str(before.machine.get(name, "")), str(here.get(name, "")))


def _told(ground: Compared) -> Sentence | None:
    if not ground.differs:
        return None
    if ground.name == "data":
        return Sentence(DATA, {"before": ground.before[:SHOWN_OF_HASH], "now": ground.now[:SHOWN_OF_HASH]})
    message = {CORES_USED: CORES, SYSTEM_USED: SYSTEM}.get(ground.name, VERSION)
    named = {} if message != VERSION else {"name": ground.name}
    return Sentence(message, {**named, "before": ground.before, "now": ground.now})


def _is_of_result(difference: Sentence) -> bool:
    """Tell whether a difference is one of what came out, not merely of what it rests on."""
    return difference.message not in (VERSION, CORES, SYSTEM)


def _unlike_trials(
    before: Mapping[int, Mapping[str, Any]], now: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[int, Sentence]]:
    """Yield the number of each trial that came out otherwise, and what is the first thing that differs in it."""
    for number, trial in before.items():
        other = now.get(number)
        if other is None:
            yield number, Sentence(NO_TRIAL, {"number": number})
            continue
        what = next((name for name in OF_TRIAL if trial.get(name) != other.get(name)), None)
        if what is not None:
            before_now = _parted(trial.get(what), other.get(what))
            told = {"number": number, "what": Sentence(OF_TRIAL[what]).to_dict(), **before_now}
            yield number, Sentence(TRIAL, told)
    if more := sorted(set(now) - set(before)):
        yield more[0], Sentence(MORE_TRIALS, {"count": len(more)})


def _parted(before: Any, now: Any) -> dict[str, str]:
    """Return two values for a sentence; of many, the first that differs."""
    if isinstance(before, dict) and isinstance(now, dict):
        name = next(name for name in {**before, **now} if before.get(name) != now.get(name))
        return {"before": f"{name} = {before.get(name)}", "now": f"{name} = {now.get(name)}"}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        before, now = next(pair for pair in zip(before, now, strict=True) if pair[0] != pair[1])
    return {"before": str(before), "now": str(now)}


def _hashes(again: Experiment) -> tuple[Compared, ...]:
    repeats = again.found.repeats
    before, now = (repeats.hashes if repeats else {}), hashes_of(again)
    return tuple(Compared(name, before.get(name, ""), now.get(name, "")) for name in {**before, **now})


def _unlike_models(hashes: tuple[Compared, ...], before: _Record, now: _Record) -> Iterator[Sentence]:
    for each in hashes:
        if each.before and not each.now:
            yield Sentence(NO_MODEL, {"candidate": each.name})
        elif each.before != each.now:
            told = {"candidate": each.name, "before": each.before[:SHOWN_OF_HASH], "now": each.now[:SHOWN_OF_HASH]}
            yield Sentence(MODEL, told)
            if each.name == before.candidate == now.candidate:
                yield from _first_file(before, now)


def _first_file(before: _Record, now: _Record) -> Iterator[Sentence]:
    unlike = sorted(name for name in {*before.files, *now.files} if before.files.get(name) != now.files.get(name))
    if unlike:
        yield Sentence(FILE, {"candidate": before.candidate, "file": unlike[0]})
