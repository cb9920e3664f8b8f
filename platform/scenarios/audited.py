"""The words in which the audit log tells acts on scenarios and lists, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "scenario.saved": _("saved a scenario"),
    "scenario.renamed": _("renamed a scenario"),
    "scenario.deleted": _("deleted a scenario"),
    "chosen_list.asked": _("requested a list of chosen customers"),
    "chosen_list.made": _("created a list of chosen customers"),
    "chosen_list.downloaded": _("downloaded a list of chosen customers"),
    "chosen_list.cancelled": _("cancelled a list of chosen customers"),
}

FACTS = {
    "scenario": _("scenario"),
    "before": _("before"),
    "rule": _("rule"),
    "chosen_from": _("chosen from"),
    "ids_masked": _("IDs masked"),
}

OBJECTS = {
    "scenarios.scenario": _("scenario"),
    "scenarios.chosenlist": _("list of chosen customers"),
}
