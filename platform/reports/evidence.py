"""What the bank has on record of a model, in the words of the language that is on: the report's background."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from approvals.queries.approvals import champion_before
from approvals.queries.shown_comparison import shown_comparison
from catalog.lineage import chain_of
from checks.models import CheckedColumn, DataCheck, Finding
from checks.sample_words import sentences_on_sample
from checks.templatetags.data_check_pages import waterfall_step
from common.language import joined, listed, reader_language
from common.templatetags.formatting import day, told
from diagnostics.models import Subject
from diagnostics.queries.inquiries import looks_at
from diagnostics.queries.sensitivity import stressed
from dictionary.models import DictionaryEntry
from dictionary.page import labels_for_reader
from experiments.report.background import Background, ColumnOnRecord, ReRun, SignOff, Source, Step, Swapped
from experiments.scoring.sensitivity import StressRow
from experiments.strategy.stakes import Stakes
from registry.models import Comparison, ModelVersion
from registry.queries.models import champion_of
from registry.queries.shown_checks import shown_checks
from reruns.queries import all_shown, reruns_of
from training.models import Experiment, LeaderboardRow
from training.queries.hidden import hidden_columns
from training.words import METRICS, learner_name, sentences

MOST_CODES = 12


def background_of(
    row: LeaderboardRow, version: ModelVersion | None, made_on: date, stakes: Stakes | None = None
) -> Background:
    """Return all that is on record of a finalist, and of the version that was made of it."""
    experiment = row.experiment
    check = experiment.data_check
    hidden = hidden_columns([experiment])
    return Background(
        name=str(version) if version else f"{experiment.name} · {learner_name(row.candidate)}",
        purpose=version.purpose if version else "",
        limits_of_use=version.limits_of_use if version else "",
        expires_on=day(version.expires_on) if version and version.expires_on else "",
        sample=sentences_on_sample(check),
        waterfall=[Step(waterfall_step(one), one["rows"], one.get("events")) for one in check.waterfall],
        sources=list(_sources(experiment)),
        columns=list(_columns(check)),
        checked=[(one.title, one.state_label, one.sentence) for one in shown_checks(version)] if version else [],
        sign_offs=list(_sign_offs(experiment, version)) if version else [],
        reruns=list(_reruns(experiment)),
        stressed=_stressed(row),
        swapped=_swapped(version, hidden.unshown),
        why_no_swap=_why_no_swap(version),
        made_on=made_on,
        stakes=stakes,
        unshown=hidden.unshown,
        secret=hidden.secret,
    )


def _sources(experiment: Experiment) -> Iterator[Source]:
    """Yield the version that was learnt from, and those whose rows are in it."""
    for version in chain_of(experiment.version):
        yield Source(
            version.dataset.name, f"v{version.number}", version.row_count, version.column_count,
            str(version.get_origin_display()), day(version.created_at), version.sha256,
        )  # fmt: skip
        for one in version.lineage.get("sources") or ():
            name = str(one.get("file") or one.get("name") or "")
            yield Source(name, made=_("source"), rows=one.get("rows"), sha256=str(one.get("sha256") or ""))


def _columns(check: DataCheck) -> Iterator[ColumnOnRecord]:
    """Yield every column of the table with its role, what it says alone, and why it was left out."""
    checked = list(check.columns.select_related("column"))
    dataset = check.version.dataset
    labels = labels_for_reader([one.column for one in checked], dataset)
    meanings = {entry.name: _meaning(entry) for entry in dataset.dictionary.all()}
    findings: dict[int, list[Finding]] = {}
    for finding in check.findings.exclude(severity=Finding.Severity.PASSED).filter(column__isnull=False):
        findings.setdefault(finding.column_id or 0, []).append(finding)
    rows = check.version.row_count or 1
    for one in checked:
        column = one.column
        yield ColumnOnRecord(
            column.name, labels.get(column.name, ""), meanings.get(column.name, ""), _type(one),
            str(one.get_role_display()),
            column.missing_count / rows, one.information_value, one.single_auc,
            _verdict(one, findings.get(column.pk, [])),
        )  # fmt: skip


def _meaning(entry: DictionaryEntry) -> str:
    """Return what the dictionary says of a column beside its name: where it comes from, and what its codes mean."""
    source = _("From %(source)s.") % {"source": entry.source} if entry.source else ""
    codes = [(code, in_words) for code, names in entry.enumerations.items() if (in_words := _of_reader(names))]
    meant = [f"{code} = {in_words}" for code, in_words in codes[:MOST_CODES]]
    return joined(source, listed([*meant, *(["…"] if len(codes) > MOST_CODES else [])])).strip()


def _of_reader(names: Mapping[str, str]) -> str:
    """Return a code's meaning in the language that is on, else in the other."""
    order = ("zh", "en") if reader_language() == "zh" else ("en", "zh")
    return next((names[name] for name in order if names.get(name)), "")


def _type(one: CheckedColumn) -> str:
    found = type(one.column)(type=one.read_as)
    return str(found.get_type_display())


def _verdict(one: CheckedColumn, findings: list[Finding]) -> str:
    """Return why a column is no feature of the model; nothing where it is one."""
    if one.role != "feature":
        return _("Not a feature: %(role)s.") % {"role": one.get_role_display()}
    if not one.excluded:
        return ""
    reasons = [told(finding.message, finding.params) for finding in findings]
    if one.excluded_by_system or reasons:
        return joined(_("Left out by the data check."), *reasons)
    return _("Left out by the person who checked the data.")


def _sign_offs(experiment: Experiment, version: ModelVersion) -> Iterator[SignOff]:
    """Yield who ran the experiment, who asked for approval, and who decided what."""
    yield SignOff(_("Ran the experiment"), str(experiment.owner), on=day(experiment.created_at))
    for request in version.approval_requests.select_related("author", "decided_by").order_by("created_at"):
        yield SignOff(_("Author"), str(request.author), _("asked for approval"), day(request.created_at), request.note)
        if request.decided_by is not None:
            yield SignOff(
                _("Approver"), str(request.decided_by), str(request.get_decision_display()), day(request.decided_at),
                request.comment,
            )  # fmt: skip


def _reruns(experiment: Experiment) -> Iterator[ReRun]:
    """Yield the re-runs that were compared, the newest first."""
    for one in all_shown(reruns_of(experiment).exclude(compared_at=None)):
        rerun = one.rerun
        yield ReRun(
            str(rerun.asked_by), day(rerun.compared_at), rerun.machine, joined(one.sentence, one.first_difference),
            one.is_independent,
        )  # fmt: skip


def _stressed(row: LeaderboardRow) -> list[StressRow]:
    """Return what the last look at a finalist's sensitivity found; nothing where nobody took one."""
    answers = (each.answer for each in looks_at(row.experiment, row, Subject.SENSITIVITY))
    return next((stressed(answer) for answer in answers if "rows" in answer), [])


def _against(version: ModelVersion) -> tuple[ModelVersion | None, Comparison | None]:
    """Return the champion that a version stands against, as its decision page does, and the comparison with it."""
    request = version.approval_requests.select_related("model_version").order_by("-created_at", "-pk").first()
    former = champion_before(request) if request else champion_of(version.registered_model)
    if former is None or former.pk == version.pk:
        return None, None
    return former, Comparison.objects.filter(version=version, former=former).first()


def _swapped(version: ModelVersion | None, unshown: Collection[str] = ()) -> Swapped | None:
    """Return the comparison of a version with the champion on the same rows, without amounts of hidden columns."""
    former, found = _against(version) if version else (None, None)
    told_of = shown_comparison(found)
    if former is None or found is None or told_of is None or told_of.state != "compared":
        return None
    measures = [_measure(name, one) for name, one in found.found.measures.items()]
    told = [text for text in (told_of.headline, told_of.how) if text]
    swap, amount = found.found.swap, found.found.amount
    if amount in unshown:
        # It may have been marked since the two were compared.
        swap, amount = swap and swap.without_amounts(), ""
    return Swapped(str(former), told, measures, swap, found.found.rows or 0, amount)


def _measure(name: str, one: Any) -> tuple[str, float | None, float | None, float | None, float | None, float | None]:
    return (
        str(METRICS[name].label) if name in METRICS else name,
        one.first,
        one.second,
        one.difference,
        one.low,
        one.high,
    )


def _why_no_swap(version: ModelVersion | None) -> str:
    """Say why there is no comparison: no version, no champion, refused, or not made yet; nothing where there is one."""
    if version is None:
        return _("There is no swap set: the model has not been submitted, so it has not been compared with a champion.")
    former, found = _against(version)
    if former is None:
        return _("There is no swap set: no other version of this model is champion.")
    if found is not None and found.is_done and found.found.refusal is not None:
        return sentences(found.found.refusal)
    return _("There is no swap set: this version has not been compared with the champion on the same rows yet.")
