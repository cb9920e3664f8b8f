"""Champions of other runs, which the model of a run can be set against."""

from django.utils.translation import gettext as _

from registry.queries.models import champions_in
from results.queries.rivals import Rival
from training.models import LeaderboardRow


def champions_beside(row: LeaderboardRow) -> list[Rival]:
    """Return the champions of the workspace that answer the same kind of question, without those of the run itself."""
    experiment = row.experiment
    found = champions_in(experiment.workspace).filter(registered_model__kind=experiment.kind)
    return [
        Rival(
            f"version-{each.pk}", _("Champion %(version)s") % {"version": each}, each.leaderboard_row, is_champion=True
        )
        for each in found.exclude(leaderboard_row__experiment=experiment)
    ]
