"""The words in which the audit log tells acts on scoring, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "scoring_job.started": _("started a scoring job"),
    "scoring_job.hashed": _("recorded the hash of a scored file"),
    "scoring_job.cancel_requested": _("cancelled a scoring job"),
    "scoring_job.deleted": _("deleted scores"),
    "scoring_job.downloaded": _("downloaded scores"),
}

FACTS = {
    "dataset_version": _("data version"),
}

OBJECTS = {
    "scoring.scoringjob": _("scoring job"),
}
