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
    "dataset.read_again": _("had a file read again"),
    "check.target_chosen": _("chose the target"),
    "check.role_set": _("changed a column's role"),
    "check.column_taken_out": _("took a column out"),
    "check.column_put_back": _("put a column back"),
    "finding.undone": _("undid a finding of the data check"),
    "finding.redone": _("restored a finding of the data check"),
    "experiment.drafted": _("drafted an experiment"),
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
    "approval.password_refused": _("typed a wrong password when deciding"),
    "scoring_job.started": _("started a scoring job"),
    "scoring_job.cancel_requested": _("cancelled a scoring job"),
    "scoring_job.downloaded": _("downloaded scores"),
}


def told(action: str) -> str:
    return str(ACTIONS.get(action, action))
