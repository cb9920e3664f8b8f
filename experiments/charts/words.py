"""Every word that stands in a chart, in English; the platform passes the same keys in the reader's language."""

from collections.abc import Mapping

from experiments.errors import gettext_noop as _

# Hover sentences hold Plotly's own places (%{x}, %{y}); translate them whole and keep the places.
WORDS: dict[str, str] = {
    "train": _("Training"),
    "validation": _("Cross-validation"),
    "held_out": _("Held-out rows"),
    "out_of_time": _("Out of time"),
    "champion": _("Champion"),
    "challenger": _("Challenger"),
    "third": _("Third model"),
    "fourth": _("Fourth model"),
    "chance": _("Chance"),
    "perfect": _("Perfect"),
    "exact": _("Perfect calibration"),
    "events": _("Events"),
    "non_events": _("Non-events"),
    "customers": _("Customers"),
    "others": _("others"),
    "others_of": _("{count} others"),
    "minutes": _("min"),
    "seconds": _("s"),
    "baseline": _("Baseline"),
    "time_left": _("Time left"),
    "low_value": _("Low value"),
    "high_value": _("High value"),
    "start": _("Start"),
    "typical_customer": _("Typical customer"),
    "this_customer": _("This customer"),
    "missing": _("Missing"),
    "special": _("Special value"),
    "quota": _("Quota"),
    "cut_off": _("Cut-off"),
    "development": _("Development"),
    "false_alarms": _("Non-events included"),
    "events_reached": _("Events captured"),
    "customers_contacted": _("Customers contacted"),
    "customers_by_score": _("Customers from high score to low"),
    "lift": _("Lift"),
    "predicted": _("Predicted"),
    "actual": _("Actual"),
    "effect": _("Effect on the score"),
    "mean_effect": _("Mean effect on the score"),
    "probability": _("Probability"),
    "score": _("Score"),
    "people": _("Grey: customers"),
    "customers_chosen": _("Customers chosen"),
    "profit": _("Profit (¥)"),
    "profit_wan": _("Profit (¥10,000)"),
    "about_as_good": _("About as good"),
    "hover_choice": _("%{x:,.0f} customers: %{y:,.0f}"),
    "hover_choice_money": _("%{x:,.0f} customers: ¥%{y:,.1f}"),
    "hover_roc": _("%{y:.1f}% of the events and %{x:.1f}% of the non-events"),
    "hover_gains": _("The top %{x:.1f}% contain %{y:.1f}% of the events"),
    "hover_lift": _("The top %{x:.1f}%: %{y:.2f} times the average"),
    "hover_ks": _("The top %{x:.1f}% contain %{y:.1f}%"),
    "hover_calibration": _("Predicted %{x:.1f}%, actual %{y:.1f}%"),
    "hover_period": _("%{x}: %{y:.3f}"),
    "hover_trial": _("After %{x:.1f}: %{y}"),
    "hover_effect": _("%{x:+.3f}"),
    "hover_dependence": _("%{x}: %{y:+.3f}"),
    "hover_importance": _("%{y}: %{x:.3f}"),
    "hover_people": _("%{x}: %{y:,} customers"),
    "hover_interval": _("%{y}: %{x:.3f}"),
}


def worded(labels: Mapping[str, str] | None) -> dict[str, str]:
    """Return all words, those in ``labels`` taking the place of the English ones."""
    return WORDS | dict(labels or {})
