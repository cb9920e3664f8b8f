"""The words in which the audit log tells acts on experiments, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
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
}

FACTS = {
    "budget": _("budget"),
    "candidate": _("finalist"),
    "contact_share": _("contact share"),
    "derived_on_card": _("derived columns on the scorecard"),
    "embargo_days": _("embargo days"),
    "ensemble": _("ensemble"),
    "event": _("event"),
    "event_name": _("name of the event"),
    "excluded": _("columns left out"),
    "exclusions": _("rows left out"),
    "experiment": _("experiment"),
    "explainable_first": _("explainable first"),
    "feature_effort": _("feature engineering"),
    "features": _("maximum number of columns"),
    "folds": _("folds"),
    "group_column": _("group"),
    "held_out_share": _("share held out"),
    "id_column": _("customer id"),
    "indeterminate": _("indeterminate"),
    "kind": _("question"),
    "known_until": _("outcomes known until"),
    "ks_gap": _("largest drop in KS"),
    "ks_gap_share": _("largest drop as a share of KS"),
    "learners": _("learners"),
    "limits": _("limits"),
    "milliseconds": _("maximum milliseconds per row"),
    "monotone": _("directions"),
    "non_event_name": _("name of non-events"),
    "observation_months": _("observation months"),
    "performance_months": _("performance months"),
    "population_rate": _("population event rate"),
    "protected": _("protected"),
    "repeats": _("repeats experiment"),
    "response_column": _("response column"),
    "response_event": _("response"),
    "scheme": _("scheme"),
    "score_psi": _("largest shift of the score (PSI)"),
    "seconds": _("seconds"),
    "seed": _("seed"),
    "special_values": _("special values"),
    "split_column": _("column with the split"),
    "target": _("target"),
    "time_column": _("observation date"),
    "trials": _("trials"),
    "validation": _("validation"),
    "weight_column": _("weight"),
    "without_protected": _("without protected columns"),
}

OBJECTS = {
    "training.experiment": _("experiment"),
}

# Facts whose inner names are names of columns.
BY_COLUMN = frozenset({"monotone", "special_values"})
