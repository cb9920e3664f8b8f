"""How an act is told on a page; an act without words here is shown by its dotted name."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "workspace.created": _("opened the workspace"),
    "person.added": _("added a person"),
    "person.role_changed": _("changed a role"),
    "person.deactivated": _("closed an account"),
    "person.reactivated": _("opened an account again"),
    "person.password_reset": _("set a new password for someone"),
    "person.password_changed": _("changed the own password"),
    "person.signed_in": _("signed in"),
    "person.signed_out": _("signed out"),
    "person.sign_in_failed": _("failed to sign in"),
    "api_token.created": _("made an API key"),
    "api_token.revoked": _("revoked an API key"),
    "audit.exported": _("exported the audit log"),
    "dataset.uploaded": _("uploaded a file"),
    "dataset.ingested": _("file was read"),
    "column.excluded": _("took a column out"),
    "column.included": _("put a column back"),
    "column.role_changed": _("changed a column's role"),
    "target.chosen": _("chose the target"),
    "finding.undone": _("undid a finding of the data check"),
    "experiment.created": _("drafted an experiment"),
    "experiment.started": _("started an experiment"),
    "experiment.finish_requested": _("asked a run to finish now"),
    "experiment.cancelled": _("cancelled an experiment"),
    "experiment.resumed": _("resumed an experiment"),
    "experiment.finished": _("experiment finished"),
    "experiment.failed": _("experiment failed"),
    "model_version.submitted": _("submitted a model for approval"),
    "model_version.approved": _("approved a model"),
    "model_version.refused": _("refused a model"),
    "model_version.change_requested": _("asked for a change of a model"),
    "model_version.promoted": _("made a model champion"),
    "model_version.retired": _("retired a model"),
    "scoring_job.started": _("started a scoring job"),
    "scoring_job.finished": _("scoring finished"),
    "scoring_job.downloaded": _("downloaded scores"),
}


def told(action: str) -> str:
    return str(ACTIONS.get(action, action))
