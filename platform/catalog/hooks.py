"""What is asked here of the apps above: each registers its answers when it is ready."""

from collections.abc import Callable

from catalog.models import DatasetVersion

Question = tuple[str, str]
_questions: dict[str, Callable[[DatasetVersion], Question | None]] = {}
_rests: dict[str, Callable[[DatasetVersion], bool]] = {}
_uses: dict[str, Callable[[DatasetVersion], bool]] = {}


def register(
    app: str,
    *,
    rests_on: Callable[[DatasetVersion], bool] | None = None,
    is_in_use: Callable[[DatasetVersion], bool] | None = None,
    latest_question: Callable[[DatasetVersion], Question | None] | None = None,
) -> None:
    """Have an app asked.

    Parameters
    ----------
    rests_on : tells whether something of the app looks at a version's table as it was read.
    is_in_use : tells whether a result rests on a version, so that its table must stay as it is.
    latest_question : returns the target and the event last asked about on the version's dataset.
    """
    if rests_on is not None:
        _rests[app] = rests_on
    if is_in_use is not None:
        _uses[app] = is_in_use
    if latest_question is not None:
        _questions[app] = latest_question


def is_rested_on(version: DatasetVersion) -> bool:
    """Tell whether any app above looks at a version's table as it was read."""
    return any(rests_on(version) for rests_on in _rests.values())


def is_in_use(version: DatasetVersion) -> bool:
    """Tell whether a result rests on this version, so that its table must stay as it is."""
    return any(uses(version) for uses in _uses.values())


def latest_question(version: DatasetVersion) -> Question | None:
    """Return the target and the event that a version's dataset was last asked about, if it was."""
    return next((found for ask in _questions.values() if (found := ask(version))), None)
