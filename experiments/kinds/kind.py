"""What a kind of question decides in the engine: its ranking, its scale and the names that betray its columns."""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """One kind of question, and all that the engine does differently for it.

    Attributes
    ----------
    name : as in specs, models, addresses and the API.
    label : the name as people read it; a key of the translations.
    event_value_words : values of a target column that mean the event, in small letters.
    ranking : ``ks`` with penalties for overfit and volatility (domain 1.13), or ``lift`` in the share that can be
        contacted or held, then AUC.
    is_risk : whether a high score means that the event is less likely, as points of credit risk do. Otherwise the
        score is a percentile, and a high one means that the event is more likely.
    target_name : names of columns that hold the answer to this question.
    may_follow_response : whether the event can be split into a response and what came after it.
    after_outcome : names of columns that are known only once the outcome is.
    longest_window : months that customers are watched for the event at most, as is usual.
    """

    name: str
    label: str
    ranking: Literal["ks", "lift"]
    is_risk: bool
    target_name: re.Pattern[str]
    after_outcome: re.Pattern[str]
    longest_window: int
    event_value_words: tuple[str, ...] = ()
    may_follow_response: bool = False
