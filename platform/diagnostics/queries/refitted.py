"""What is fitted again when a look asks for a refit, where that is not just the model that is shown."""

from typing import Any

from django.utils.translation import gettext as _

from common.language import listed
from results.queries.derived_columns import derived_columns_of
from training.words import learner_name


def notes_on_refit(of: Any, refitted: str) -> list[str]:
    """Say which model is fitted again in the place of the one shown, and how it differs.

    Parameters
    ----------
    refitted : the algorithm that was.
    """
    row = of.line.row
    if refitted != row.learner:
        told = {"model": learner_name(row.learner), "algorithm": learner_name(refitted)}
        return [
            _("Instead of %(model)s, which combines other models, its best single one was refitted: %(algorithm)s.")
            % told
        ]
    notes = []
    if row.kept.by_hand is not None:
        notes.append(_("Refitted with the bins cut by hand; weights of evidence and coefficients are estimated again."))
    if derived := derived_columns_of(of.experiment, of.line):
        names = listed(each["label"] for each in derived)
        notes.append(
            _("Refitted on the original columns alone, without derived ones: %(columns)s.") % {"columns": names}
        )
    return notes
