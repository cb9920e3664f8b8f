"""What a kind of question decides in the engine: its ranking, its scale and the names that betray its columns."""

import re
from dataclasses import dataclass

from experiments.errors import gettext_noop

__all__ = ["Kind", "KindWords"]


@dataclass(frozen=True)
class KindWords:
    """How a kind of target is spoken of; keys of the translations, with ``%(name)s`` places in the sentences.

    Examples
    --------
    >>> from experiments.kinds import KINDS
    >>> isinstance(KINDS["default"].words, KindWords)
    True
    """

    events: str
    non_events: str
    rate: str
    top: str
    top_short: str
    capture_sentence: str
    held_out_sentence: str
    auc_sentence: str
    high_score: str
    of_100_such: str
    the_higher: str
    the_lower: str
    highest_for: str
    ranked_by: str
    reached: str
    held_share: str
    caution: str
    caution_why: str
    # What a choice is judged by: what one event brings (of a loan: one without it), and what one chosen customer costs.
    gain: str = gettext_noop("Value of one event (¥)")
    cost: str = gettext_noop("Cost of one contact (¥)")


@dataclass(frozen=True)
class Kind:
    """One kind of question, and all that the engine does differently for it.

    Attributes
    ----------
    name : as in specs, models, addresses and the API.
    label : the name as people read it; a key of the translations. question : the same as a question.
    words : how its events, rates and rankings are spoken of.
    event_value_words : values of a target column that mean the event, in small letters.
    ranking : by what finalists are ranked, a name of ``experiments.evaluation.objective.RANKINGS``.
    is_risk : whether a high score means that the event is less likely, as points of credit risk do. Otherwise the
        score is a percentile, and a high one means that the event is more likely.
    target_name : names of columns that hold the answer to this question.
    may_follow_response : whether the event can be split into a response and what came after it.
    after_outcome : names of columns that are known only once the outcome is.
    longest_window : months that customers are watched for the event at most, as is usual.
    months_of_use : how long a model may be used before it is looked at again.
    bands_acted_on : the bands whose customers a decision hits: who is declined, or called.
    approved_share : of applicants that are approved where nobody has said; None where nobody is approved.

    Examples
    --------
    >>> from experiments.kinds import KINDS
    >>> KINDS["default"].is_risk, KINDS["response"].ranking
    (True, 'lift')
    """

    name: str
    label: str
    question: str
    words: KindWords
    ranking: str
    is_risk: bool
    target_name: re.Pattern[str]
    after_outcome: re.Pattern[str]
    longest_window: int
    event_value_words: tuple[str, ...] = ()
    may_follow_response: bool = False
    months_of_use: int = 6
    bands_acted_on: tuple[str, ...] = ("A", "B")
    approved_share: float | None = None
