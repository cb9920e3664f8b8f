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
    return _card_of(ModelArtifact.load(folder))


def sources_in(folder: AnyPath) -> dict[str, list[str]]:
    """Return, for each column on the card of a saved model, the original columns behind it: itself, or its sources.

    Raises
    ------
    BadInput : the model is none. ArtifactError : the folder is no model, or an altered one.
    """
    artifact = ModelArtifact.load(folder)
    made = artifact.generator.sources_
    return {name: made.get(name, [name]) for name in _card_of(artifact).columns_}


def _card_of(artifact: ModelArtifact) -> Scorecard:
    if len(artifact.members) != 1 or not isinstance(artifact.members[0], ScorecardModel):
        raise BadInput(NO_CARD)
    return artifact.members[0].card
