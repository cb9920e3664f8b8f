"""How an act is told on a page; an act without words here is shown by its dotted name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from audit.chain import ChainState

ACTIONS = {
    "workspace.created": _("opened the workspace"),
    "person.added": _("added a person"),
    "person.role_changed": _("changed a role"),
    "person.unmasking_allowed": _("let someone see personal data"),
    "person.unmasking_taken_back": _("took back the right to see personal data"),
    "person.deactivated": _("closed an account"),
    "person.reactivated": _("opened an account again"),
    "person.password_reset": _("set a new password for someone"),
    "person.password_changed": _("changed the own password"),
    "person.signed_in": _("signed in"),
    "person.signed_out": _("signed out"),
    "person.sign_in_failed": _("failed to sign in"),
    "person.password_refused": _("typed a wrong own password"),
    "api_token.refused": _("sent a key that opens nothing"),
    "api_token.created": _("made an API key"),
    "api_token.revoked": _("revoked an API key"),
    "audit.anchor_exported": _("took the anchor of the audit log away"),
    "audit.exported": _("exported the audit log"),
    "dataset.uploaded": _("uploaded a file"),
    "dataset.hashed": _("had a file's hash put on record"),
    "dataset.read_again": _("had a file read again"),
    "dataset.queried": _("had a query make a version"),
    "dataset.verified": _("had a version made again to compare"),
    "dataset.compared": _("had a version compared again"),
    "dataset.downloaded": _("downloaded a table"),
    "connection.created": _("connected a database"),
    "connection.changed": _("changed the connection of a database"),
    "connection.tested": _("tried the connection of a database"),
    "connection.deleted": _("took the connection of a database away"),
    "dictionary.uploaded": _("uploaded a data dictionary"),
    "dictionary.edited": _("changed the data dictionary"),
    "personal_data.protected": _("changed how personal data are protected"),
    "personal_data.unmasked": _("unmasked personal data"),
    "personal_data.masked": _("masked personal data again"),
    "join.drawn": _("began to join tables"),
    "join.changed": _("changed a join"),
    "join.sources_changed": _("gave a join other sources"),
    "join.started": _("had tables joined"),
    "join.repeated": _("had a join run again to compare"),
    "join.finished": _("made a table by joining"),
    "check.target_chosen": _("chose the target"),
    "check.role_set": _("changed a column's role"),
    "check.type_set": _("changed a column's type"),
    "check.special_value_set": _("said what a special value stands for"),
    "check.sample_defined": _("defined the sample of a question"),
    "check.sample_undone": _("put a question to all rows again"),
    "check.column_taken_out": _("took a column out"),
    "check.column_put_back": _("put a column back"),
    "finding.undone": _("undid a finding of the data check"),
    "finding.redone": _("restored a finding of the data check"),
    "experiment.drafted": _("drafted an experiment"),
    "experiment.planned": _("changed the plan of an experiment"),
    "experiment.started": _("started an experiment"),
    "experiment.finish_requested": _("asked a run to finish now"),
    "experiment.cancel_requested": _("cancelled an experiment"),
    "experiment.pause_requested": _("paused a run"),
    "experiment.resumed": _("resumed an experiment"),
    "experiment.continued": _("gave a run more time"),
    "experiment.earlier_kept": _("kept the earlier result of a run"),
    "experiment.repeated": _("ran an experiment again exactly"),
    "experiment.reopened": _("opened an experiment again"),
    "model_version.submitted": _("submitted a model for approval"),
    "model_version.approved": _("approved a model"),
    "model_version.refused": _("refused a model"),
    "model_version.change_asked": _("asked for a change of a model"),
    "model_version.made_champion": _("made a model champion"),
    "model_version.retired": _("retired a model"),
    "approval.too_late": _("decided after someone else had; nothing changed"),
    "approval.password_refused": _("typed a wrong password when deciding"),
    "scoring_job.started": _("started a scoring job"),
    "scoring_job.hashed": _("had a scored file's hash put on record"),
    "scoring_job.cancel_requested": _("cancelled a scoring job"),
    "scoring_job.downloaded": _("downloaded scores"),
}

# The facts an entry keeps, by the names they are kept under; one without words here is shown by its name.
FACTS = {
    "author": _("author"),
    "checks": _("checks"),
    "participants": _("had a part in it"),
    "path": _("folder"),
    "seal": _("seal of all files"),
    "address": _("from the address"),
    "artifact": _("model file"),
    "base": _("base table"),
    "budget": _("budget"),
    "bytes": _("bytes"),
    "candidate": _("finalist"),
    "column": _("column"),
    "columns": _("columns"),
    "comment": _("comment"),
    "connection": _("database"),
    "contact_share": _("contact share"),
    "embargo_days": _("days left out"),
    "ensemble": _("ensemble"),
    "event": _("event"),
    "excluded": _("columns left out"),
    "exclusions": _("rows left out"),
    "experiment": _("experiment"),
    "explainable_first": _("explainable first"),
    "feature_effort": _("feature work"),
    "derived_on_card": _("derived columns on the scorecard"),
    "without_protected": _("without protected columns"),
    "file": _("file"),
    "folds": _("folds"),
    "format": _("format"),
    "former_champion": _("former champion"),
    "group_column": _("group"),
    "held_out_share": _("share held out"),
    "id_column": _("customer id"),
    "indeterminate": _("indeterminate"),
    "kind": _("question"),
    "known_until": _("outcomes known until"),
    "labels": _("labels"),
    "learners": _("learners"),
    "limits": _("limits"),
    "meaning": _("meaning"),
    "monotone": _("directions"),
    "observation_months": _("observation months"),
    "observed_at": _("observation date"),
    "performance_months": _("performance months"),
    "population_rate": _("rate of the population"),
    "protection": _("protection"),
    "reading": _("read as"),
    "reason": _("reason"),
    "repeats": _("repeats experiment"),
    "response_column": _("response column"),
    "response_event": _("response"),
    "role": _("role"),
    "rows": _("rows"),
    "scheme": _("scheme"),
    "seconds": _("seconds"),
    "seed": _("seed"),
    "spec": _("definition"),
    "special_values": _("special values"),
    "tables": _("tables"),
    "target": _("target"),
    "time_column": _("observation date"),
    "trials": _("trials"),
    "validation": _("validation"),
    "value": _("value"),
    "weight_column": _("weight"),
}


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
    good = gettext("The chain holds: %(n)s entries, each signed and carrying the hash of the one before.")
    return [ChainLine("good", good % {"n": f"{state.checked:,}"}), *warned]


def _broken(state: "ChainState") -> list[str]:
    found = []
    if state.broken_at is not None:
        if state.is_forged:
            text = gettext("Entry %(id)s was not signed by this installation: it was written outside of Xiaoyu.")
        else:
            text = gettext("Entry %(id)s does not fit the one before it: the log was changed outside of Xiaoyu.")
        found.append(text % {"id": state.broken_at})
        found.append(gettext("The first %(n)s entries are sound.") % {"n": f"{state.checked:,}"})
    if state.anchor == "lost" and state.lost:
        text = gettext("%(n)s entries at the end are gone: the anchor has counted %(count)s.")
        found.append(text % {"n": f"{state.lost:,}", "count": f"{state.anchored.count:,}" if state.anchored else ""})
    elif state.anchor == "lost":
        found.append(gettext("The log is not the one that its anchor was taken of."))
    if state.anchor == "forged":
        found.append(gettext("The anchor was not signed by this installation, so entries may be missing at the end."))
    found += [gettext(message) % params for message, params in state.differing]
    return found


def _doubtful(state: "ChainState") -> list[str]:
    found = []
    if state.anchor == "missing" and state.checked:
        found.append(
            gettext("The anchor is missing, so entries may be missing at the end. The next act begins a new one.")
        )
    if state.unguarded:
        text = gettext(
            "The database lets these tables be changed, since its triggers are gone: %(tables)s. "
            "manage.py migrate puts them back."
        )
        found.append(text % {"tables": ", ".join(state.unguarded)})
    return found


def told(action: str) -> str:
    return str(ACTIONS.get(action, action))


def fact(name: str) -> str:
    return str(FACTS.get(name, name))
