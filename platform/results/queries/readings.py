"""How often the rows kept for the end were read: each reading makes their number a little less honest."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from training.models import Experiment
from training.queries.readings import readings_of_version


def readings_told(experiment: Experiment, *, is_out_of_time: bool) -> str:
    """Tell how often the rows kept for the end were looked at: each look makes their number a little less honest."""
    words = _("Out-of-time rows used: %(count)d×") if is_out_of_time else _("Held-out rows used: %(count)d×")
    return words % {"count": experiment.out_of_time_readings}


def readings_of_version_told(experiment: Experiment, *, is_out_of_time: bool) -> str:
    """Tell how often the rows set aside in a dataset version were read by all runs on it, where others did so too."""
    found = readings_of_version(experiment)
    if found.count <= experiment.out_of_time_readings:
        return ""
    told = (
        ngettext(
            "The out-of-time rows of this dataset version were read %(count)d time by all runs on it (%(runs)d).",
            "The out-of-time rows of this dataset version were read %(count)d times by all runs on it (%(runs)d).",
            found.count,
        )
        if is_out_of_time
        else ngettext(
            "Rows held out from this dataset version were read %(count)d time by all runs on it (%(runs)d).",
            "Rows held out from this dataset version were read %(count)d times by all runs on it (%(runs)d).",
            found.count,
        )
    )
    return told % {"count": found.count, "runs": found.runs}
