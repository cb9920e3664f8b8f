"""The words in which the audit log tells decisions on data checks, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
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
}

FACTS = {
    "code": _("finding"),
    "meaning": _("meaning"),
    "value": _("value"),
}

OBJECTS = {"checks.datacheck": _("data check")}
