"""How an act, its facts and their values are told on a page; what has no words here is shown by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.telling import filled

if TYPE_CHECKING:
    from audit.chain import ChainState

ACTIONS = {
    "workspace.created": _("created the workspace"),
    "person.added": _("added a person"),
    "person.role_changed": _("changed a role"),
    "person.unmasking_allowed": _("allowed someone to see personal data"),
    "person.unmasking_taken_back": _("withdrew the right to see personal data"),
    "person.deactivated": _("deactivated an account"),
    "person.reactivated": _("reactivated an account"),
    "person.password_reset": _("set a new password for someone"),
    "person.password_changed": _("changed their own password"),
    "person.signed_in": _("signed in"),
    "person.signed_out": _("signed out"),
    "person.sign_in_failed": _("failed to sign in"),
    "person.password_refused": _("entered a wrong current password"),
    "api_token.refused": _("used an invalid API key"),
    "api_token.created": _("created an API key"),
    "api_token.revoked": _("revoked an API key"),
    "audit.anchor_exported": _("exported the anchor of the audit log"),
    "audit.exported": _("exported the audit log"),
    "dataset.uploaded": _("uploaded a file"),
    "dataset.hashed": _("recorded the hash of a file"),
    "dataset.read_again": _("had a file read again"),
    "dataset.queried": _("made a version by a query"),
    "dataset.verified": _("rebuilt a version to compare"),
    "dataset.compared": _("compared a version again"),
    "dataset.downloaded": _("downloaded a table"),
    "connection.created": _("connected a database"),
    "connection.changed": _("changed a database connection"),
    "connection.tested": _("tested a database connection"),
    "connection.deleted": _("removed a database connection"),
    "dictionary.uploaded": _("uploaded a data dictionary"),
    "dictionary.edited": _("changed the data dictionary"),
    "personal_data.protected": _("changed the protection of personal data"),
    "personal_data.unmasked": _("unmasked personal data"),
    "personal_data.masked": _("masked personal data again"),
    "join.drawn": _("created a join"),
    "join.changed": _("changed a join"),
    "join.sources_changed": _("changed the sources of a join"),
    "join.started": _("ran a join"),
    "join.repeated": _("repeated a join to compare"),
    "join.finished": _("a join made a table"),
    "check.target_chosen": _("chose the target"),
    "check.role_set": _("changed a column's role"),
    "check.type_set": _("changed a column's type"),
    "check.special_value_set": _("set the meaning of a special value"),
    "check.protected_set": _("marked whether a column is a protected attribute"),
    "check.sample_defined": _("defined the sample of an experiment"),
    "check.sample_undone": _("reset the sample to all rows"),
    "check.column_taken_out": _("took a column out"),
    "check.column_put_back": _("put a column back"),
    "finding.undone": _("undid a finding of the data check"),
    "finding.redone": _("restored a finding of the data check"),
    "experiment.drafted": _("drafted an experiment"),
    "experiment.planned": _("changed the plan of an experiment"),
    "experiment.deleted": _("deleted the draft of an experiment"),
    "experiment.started": _("started an experiment"),
    "experiment.finish_requested": _("asked a run to finish now"),
    "experiment.cancel_requested": _("cancelled an experiment"),
    "experiment.pause_requested": _("paused a run"),
    "experiment.resumed": _("resumed an experiment"),
    "experiment.continued": _("gave a run more time"),
    "experiment.earlier_kept": _("kept the earlier result of a run"),
    "experiment.repeated": _("repeated an experiment exactly"),
    "experiment.reopened": _("reopened an experiment"),
    "model_version.submitted": _("submitted a model for approval"),
    "model_version.approved": _("approved a model"),
    "model_version.refused": _("refused a model"),
    "model_version.change_asked": _("asked for changes to a model"),
    "model_version.made_champion": _("made a model champion"),
    "model_version.retired": _("retired a model"),
    "approval.too_late": _("decided after someone else; without effect"),
    "approval.password_refused": _("entered a wrong password when deciding"),
    "scoring_job.started": _("started a scoring job"),
    "scoring_job.hashed": _("recorded the hash of a scored file"),
    "scoring_job.cancel_requested": _("cancelled a scoring job"),
    "scoring_job.downloaded": _("downloaded scores"),
}

# The facts an entry keeps, by the names they are kept under; one without words here is shown by its name.
FACTS = {
    "action": _("action"),
    "actor": _("person"),
    "address": _("from the address"),
    "after": _("after"),
    "aggregates": _("aggregated by"),
    "append_to": _("appended to version"),
    "artifact": _("model file"),
    "author": _("author"),
    "base": _("base table"),
    "before": _("before"),
    "budget": _("budget"),
    "by": _("by"),
    "bytes": _("bytes"),
    "candidate": _("finalist"),
    "categories": _("aggregated categories"),
    "checks": _("checks"),
    "code": _("finding"),
    "column": _("column"),
    "columns": _("columns"),
    "comment": _("comment"),
    "connection": _("database"),
    "contact_share": _("contact share"),
    "database": _("database"),
    "decided": _("earlier decision"),
    "dataset_version": _("data version"),
    "decimal": _("decimal mark"),
    "delimiter": _("delimiter"),
    "derived_on_card": _("derived columns on the scorecard"),
    "embargo_days": _("embargo days"),
    "encoding": _("encoding"),
    "ensemble": _("ensemble"),
    "event": _("event"),
    "event_name": _("name of the event"),
    "excluded": _("columns left out"),
    "exclusions": _("rows left out"),
    "experiment": _("experiment"),
    "expires_on": _("valid until"),
    "explainable_first": _("explainable first"),
    "feature_effort": _("feature engineering"),
    "features": _("maximum number of columns"),
    "file": _("file"),
    "files": _("files"),
    "folds": _("folds"),
    "format": _("format"),
    "former_champion": _("former champion"),
    "frequent": _("values given their own column"),
    "group_column": _("group"),
    "header_line": _("line of the column names"),
    "held_out_share": _("share held out"),
    "hidden": _("hidden columns"),
    "host": _("host"),
    "id_column": _("customer id"),
    "indeterminate": _("indeterminate"),
    "keys": _("join keys"),
    "kind": _("question"),
    "known_until": _("outcomes known until"),
    "ks_gap": _("largest drop in KS"),
    "ks_gap_share": _("largest drop as a share of KS"),
    "labels": _("labels"),
    "value_labels": _("meanings of codes"),
    "lag_days": _("days until known"),
    "learners": _("learners"),
    "levels": _("frequent values"),
    "limits": _("limits"),
    "limits_of_use": _("limits of use"),
    "meaning": _("meaning"),
    "milliseconds": _("maximum milliseconds per row"),
    "minutes": _("minutes"),
    "model_version": _("model version"),
    "monotone": _("directions"),
    "name": _("name"),
    "no_values": _("codes treated as missing"),
    "non_event_name": _("name of non-events"),
    "numbers": _("aggregated numbers"),
    "observation_months": _("observation months"),
    "observed_at": _("observation date"),
    "on_broken_bytes": _("unreadable characters"),
    "only": _("only rows with"),
    "operator": _("comparison"),
    "parent": _("joined to"),
    "participants": _("participants"),
    "password": _("password changed"),
    "path": _("folder"),
    "performance_months": _("performance months"),
    "population_rate": _("population event rate"),
    "port": _("port"),
    "protected": _("protected"),
    "protection": _("protection"),
    "q": _("search text"),
    "reading": _("read as"),
    "reason": _("reason"),
    "relation": _("relation of rows"),
    "repeats": _("repeats experiment"),
    "response_column": _("response column"),
    "response_event": _("response"),
    "role": _("role"),
    "rows": _("rows"),
    "scheme": _("scheme"),
    "score_psi": _("largest shift of the score (PSI)"),
    "seal": _("seal of all files"),
    "seconds": _("seconds"),
    "seed": _("seed"),
    "sha256": _("file hash"),
    "sheet": _("sheet"),
    "since": _("from"),
    "source": _("source"),
    "source_column": _("column with the file name"),
    "spec": _("definition"),
    "special_values": _("special values"),
    "split_column": _("column with the split"),
    "sql_sha256": _("hash of the query"),
    "tables": _("tables"),
    "target": _("target"),
    "time_column": _("observation date"),
    "time_format": _("time format"),
    "totals": _("total rows"),
    "trials": _("trials"),
    "type": _("type"),
    "until": _("to"),
    "user_name": _("user"),
    "validation": _("validation"),
    "value": _("value"),
    "version": _("data version"),
    "wanted": _("intended decision"),
    "weight_column": _("weight"),
    "windows": _("look-back days"),
    "without_protected": _("without protected columns"),
    "works": _("connection works"),
}

# Facts whose inner names are names of columns or tables.
BY_COLUMN = frozenset({"monotone", "special_values", "labels", "value_labels", "only", "tables"})
OBJECTS = {
    "accounts.apitoken": _("API key"),
    "accounts.membership": _("membership"),
    "accounts.user": _("person"),
    "accounts.workspace": _("workspace"),
    "catalog.connection": _("database"),
    "catalog.datacheck": _("data check"),
    "catalog.dataset": _("dataset"),
    "catalog.datasetversion": _("data version"),
    "catalog.joinplan": _("join"),
    "registry.approvalrequest": _("request for approval"),
    "registry.modelversion": _("model version"),
    "registry.registeredmodel": _("model"),
    "scoring.scoringjob": _("scoring job"),
    "training.experiment": _("experiment"),
}


def names_of(value: Any) -> set[str]:
    """Return the names of all facts that are told of a value, those of what is nested too."""
    if isinstance(value, Mapping):
        inner = (
            names_of(part) for name, part in value.items() if not (name in BY_COLUMN and isinstance(part, Mapping))
        )
        return set(value).union(*inner)
    if isinstance(value, list | tuple):
        # A part that has a name is called by it alone.
        unnamed = (part for part in value if not (isinstance(part, Mapping) and part.get("name")))
        return set().union(*map(names_of, unnamed))
    return set()


Values = Mapping[Any, Any]
_VALUES: dict[str, list[Callable[[], Values]]] = {}


def tell_values(words: Callable[[], Values], *facts: str) -> None:
    """Have the values of facts told in these words; the app that knows them registers them when it is ready."""
    for name in facts:
        _VALUES.setdefault(name, []).append(words)


def value_in_words(name: str, value: Any) -> str:
    """Return a value of a fact as people call it, or as it is."""
    for words in _VALUES.get(name, ()):
        known = words()
        if isinstance(value, str | int) and value in known:
            return str(known[value])
    return f"{value:.10g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class ChainLine:
    """A sentence about the log, and whether it is good news."""

    tone: str
    text: str


def told_of_chain(state: "ChainState") -> list[ChainLine]:
    """Return what a check of the log has found, the worst first."""
    bad = [ChainLine("bad", text) for text in _broken(state)]
    warned = [ChainLine("warn", text) for text in _doubtful(state)]
    if bad:
        return [*bad, *warned]
    good = gettext("The chain is intact: %(n)s entries, each signed and carrying the hash of the one before.")
    return [ChainLine("good", filled(good, {"n": f"{state.checked:,}"})), *warned]


def _broken(state: "ChainState") -> list[str]:
    found = []
    if state.broken_at is not None:
        if state.is_forged:
            text = gettext("Entry %(id)s was not signed by this installation: it was written outside Xiaoyu.")
        else:
            text = gettext("Entry %(id)s does not match the one before it: the log was changed outside Xiaoyu.")
        found.append(text % {"id": state.broken_at})
        found.append(filled(gettext("The first %(n)s entries are intact."), {"n": f"{state.checked:,}"}))
    if state.anchor == "lost" and state.lost:
        text = gettext("%(n)s entries at the end are missing: the anchor recorded %(count)s.")
        counted = f"{state.anchored.count:,}" if state.anchored else ""
        found.append(filled(text, {"n": f"{state.lost:,}", "count": counted}))
    elif state.anchor == "lost":
        found.append(gettext("This is not the log that the anchor belongs to."))
    if state.anchor == "forged":
        found.append(gettext("The anchor was not signed by this installation, so entries may be missing at the end."))
    found += [filled(gettext(message), params) for message, params in state.differing]
    return found


def _doubtful(state: "ChainState") -> list[str]:
    found = []
    if state.anchor == "missing" and state.checked:
        found.append(
            gettext("The anchor is missing, so entries may be missing at the end. The next entry starts a new anchor.")
        )
    if state.unguarded:
        text = gettext(
            "These tables can be changed because their database triggers are missing: %(tables)s. Run "
            "manage.py migrate to restore them."
        )
        found.append(text % {"tables": ", ".join(state.unguarded)})
    return found


def told(action: str) -> str:
    return str(ACTIONS.get(action, action))


def fact(name: str) -> str:
    return str(FACTS.get(name, name))


def kind_of_object(label: str) -> str:
    return str(OBJECTS.get(label, label))
