"""The words in which the audit log tells re-runs, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "rerun.matched": _("re-ran an experiment: the result matches"),
    "rerun.differed": _("re-ran an experiment: the result differs"),
}
FACTS = {
    "trials": _("trials"),
    "models": _("models"),
    "machine": _("machine"),
}
OBJECTS = {"reruns.rerun": _("re-run")}
