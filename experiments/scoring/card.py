"""The card of a saved scorecard."""

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput, gettext_noop
from experiments.learners.scorecard import ScorecardModel
from experiments.paths import AnyPath
from experiments.scorecard.scorecard import Scorecard

NO_CARD = gettext_noop("This model is not a single scorecard, so there is nothing to edit by hand.")


def card_in(folder: AnyPath) -> Scorecard:
    """Return the card of a saved model.

    Raises
    ------
    BadInput : the model is none. ArtifactError : the folder is no model, or an altered one.
    """
    artifact = ModelArtifact.load(folder)
    if len(artifact.members) != 1 or not isinstance(artifact.members[0], ScorecardModel):
        raise BadInput(NO_CARD)
    return artifact.members[0].card
