"""The words in which the audit log tells acts on the plan of an experiment; its facts are those of its run."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "experiment.drafted": _("drafted an experiment"),
    "experiment.planned": _("changed the plan of an experiment"),
    "experiment.cloned": _("cloned an experiment"),
    "experiment.deleted": _("deleted an experiment"),
}

FACTS = {
    "clone_of": _("cloned from experiment"),
    "people": _("people involved"),
    "state": _("state"),
}
