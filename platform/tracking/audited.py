"""The words in which the audit log tells what people keep of experiments."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "experiment.tagged": _("changed the tags of an experiment"),
    "experiment.noted": _("changed the note on an experiment"),
    "experiment.archived": _("archived an experiment"),
    "experiment.restored": _("restored an archived experiment"),
}
# Whoever tidies up has no part in a model.
WITHOUT_PART = tuple(ACTS)
FACTS = {"letters": _("length in characters"), "tags": _("tags")}
