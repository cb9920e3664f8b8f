"""What a model must keep, in the numbers of the spec, and the one verdict on whether it does.

The leaderboard, the result page, the decision, the report and the API all read what is said here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, Self

from experiments.errors import gettext_noop
from experiments.evaluation.measures import MeasuresBySample
from experiments.house_rules import MIN_ROWS
from experiments.sentence import Sentence
from experiments.spec import HOUSE_LIMITS, Limits
from experiments.stored import Part
from experiments.telling import MOST_DIGITS, apart, distance

__all__ = ["Readings", "allowed_fall", "check_limits", "limit_state"]

KS_GAP = gettext_noop(
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows; the limit is %(limit)s."
)
KS_RISE = gettext_noop(
    "KS does not fall: it rises by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows "
    "(limit of a fall: %(limit)s)."
)
KS_GAP_SHARE = gettext_noop(
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on held-out rows; the limit is "
    "%(limit)s (%(share)s of the training KS, at least %(least)s)."
)
SCORE_PSI = gettext_noop("The score PSI on held-out rows is %(value)s; the limit is %(limit)s.")
FEATURES = gettext_noop("The model uses %(value)s columns; the limit is %(limit)s.")
MILLISECONDS = gettext_noop("Scoring a row takes %(value)s ms; the limit is %(limit)s ms.")


State = Literal["kept", "broken", "unproven", "unjudged"]


@dataclass(frozen=True)
class Verdict(Part):
    """What a limit comes to for one model.

    Attributes
    ----------
    code : the limit. value, limit : the number and its bound.
    is_kept : None where too few rows or events say nothing of it.
    message, params : the sentence that tells it.
    """

    code: str
    value: float | None = None
    limit: float | None = None
    is_kept: bool | None = True
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what ``to_dict`` gave; None is a verdict here, and not a lack of one."""
        return replace(super().from_dict(stored), is_kept=stored.get("is_kept", True))

    @property
    def state(self) -> State:
        """Whether the limit is kept, broken, exceeded by no more than chance, or cannot be judged."""
        return limit_state(self.to_dict())

    @property
    def sentence(self) -> Sentence:
        """What is said of it."""
        return Sentence(self.message, self.params)


ON_HELD_OUT_ROWS = frozenset({KS_GAP, KS_RISE, KS_GAP_SHARE, SCORE_PSI})


@dataclass(frozen=True)
class Readings:
    """What limits are set on.

    Attributes
    ----------
    train_ks, held_out_ks : KS on training rows and on rows set aside; ``held_out_ks_high`` is the upper end of the
        latter's interval, or None where it is not known.
    score_psi : PSI of the score, development against rows set aside; ``psi_by_chance`` is what chance alone may give.
    features : columns the model reads. milliseconds : to score one row within a batch.
    has_enough_events : whether KS may be judged at all (``house_rules``). has_enough_rows : whether a PSI may.
    held_out_kind : ``out_of_time`` where time chose the rows set aside, which the sentences then say.

    Examples
    --------
    >>> Readings(0.42, 0.40, 0.45, 0.03, 0.01, 12, 0.2).held_out_kind
    'held_out'
    """

    train_ks: float
    held_out_ks: float
    held_out_ks_high: float | None
    score_psi: float
    psi_by_chance: float
    features: int
    milliseconds: float
    has_enough_events: bool = True
    has_enough_rows: bool = True
    held_out_kind: str = "held_out"

    @classmethod
    def kept_with(
        cls,
        measures: MeasuresBySample,
        *,
        score_psi: float | None,
        psi_by_chance: float | None,
        features: int | None,
        milliseconds: float | None,
    ) -> "Readings":
        """Return the readings of a finalist from what was kept with it; what was not measured counts as nothing."""
        train, unseen = measures.of("train"), measures.unseen
        train_ks, held_out_ks = train.value("ks"), unseen.value("ks")
        return cls(
            train_ks=math.nan if train_ks is None else train_ks,
            held_out_ks=math.nan if held_out_ks is None else held_out_ks,
            held_out_ks_high=unseen.of("ks").high,
            score_psi=score_psi or 0.0,
            psi_by_chance=psi_by_chance or 0.0,
            features=features or 0,
            milliseconds=milliseconds or 0.0,
            has_enough_events=train.is_enough and unseen.is_enough,
            has_enough_rows=unseen.counts is None or unseen.counts.rows >= MIN_ROWS,
            held_out_kind=measures.unseen_name,
        )


def check_limits(limits: Limits, readings: Readings) -> list[dict[str, Any]]:
    """Return the verdict on each limit that is set, as ``{code, value, limit, is_kept, message, params}``.

    The fall in KS may be as large as ``ks_gap`` or, where a share was asked for as well, as ``ks_gap_share`` of the
    training KS, whichever is more; the sentence then says so. A limit on a measure that chance moves is broken only
    where the sample is large enough to say so: the fall by the interval of KS, the shift by what PSI gives without any
    shift. Where there are too few rows or events to conclude anything, ``is_kept`` is None: the limit is neither kept
    nor broken.

    Parameters
    ----------
    limits : what a recommended model must keep. readings : what the model shows.

    Returns
    -------
    list of dict
        One for each limit that is set, in the order of ``Limits``.

    Examples
    --------
    >>> from experiments.spec import Limits
    >>> readings = Readings(0.42, 0.30, 0.33, 0.03, 0.01, 12, 0.2)
    >>> [(told["code"], told["is_kept"]) for told in check_limits(Limits(features=20), readings)]
    [('ks_gap', False), ('score_psi', True), ('features', True)]
    """
    found = []
    if limits.ks_gap is not None:
        share = limits.ks_gap_share * readings.train_ks
        allowed = allowed_fall(limits, readings.train_ks) or 0.0
        certain = readings.train_ks - max(readings.held_out_ks, readings.held_out_ks_high or 0.0)
        gap = readings.train_ks - readings.held_out_ks
        is_kept = certain <= allowed if readings.has_enough_events else None
        fall = KS_GAP_SHARE if share > limits.ks_gap else KS_GAP
        verdict = _verdict("ks_gap", fall if gap >= 0 else KS_RISE, abs(gap), allowed, is_kept=is_kept)
        verdict["params"] |= _shown_fall(readings.train_ks, readings.held_out_ks, allowed)
        if verdict["message"] == KS_GAP_SHARE:
            verdict["params"] |= {"share": f"{100 * limits.ks_gap_share:g}%", "least": f"{limits.ks_gap:g}"}
        found.append({**verdict, "value": gap})
    if limits.score_psi is not None:
        proven = max(limits.score_psi, readings.psi_by_chance)
        is_kept = not readings.score_psi > proven if readings.has_enough_rows else None
        found.append(_verdict("score_psi", SCORE_PSI, readings.score_psi, limits.score_psi, is_kept=is_kept))
    if limits.features is not None:
        is_kept = readings.features <= limits.features
        found.append(_verdict("features", FEATURES, readings.features, limits.features, is_kept=is_kept, digits=0))
    if limits.milliseconds is not None:
        is_kept = readings.milliseconds <= limits.milliseconds
        found.append(
            _verdict("milliseconds", MILLISECONDS, readings.milliseconds, limits.milliseconds, is_kept=is_kept)
        )
    for verdict in found:
        if verdict["message"] in ON_HELD_OUT_ROWS:
            verdict["params"]["held_out_kind"] = readings.held_out_kind
    return found


def allowed_fall(limits: Limits, train_ks: float) -> float | None:
    """Return by how much KS may fall from training rows to rows set aside.

    Parameters
    ----------
    limits : the limits of the experiment.
    train_ks : KS on the training rows, from 0 to 1.

    Returns
    -------
    The larger of a fixed fall and a share of ``train_ks``; None where no limit is set.

    Examples
    --------
    >>> from experiments.spec import Limits
    >>> allowed_fall(Limits(ks_gap=0.05, ks_gap_share=0.2), 0.4), allowed_fall(Limits(ks_gap=None), 0.4)
    (0.08000000000000002, None)
    """
    return None if limits.ks_gap is None else max(limits.ks_gap, limits.ks_gap_share * train_ks)


def _shown_fall(train: float, held_out: float, limit: float) -> dict[str, str]:
    """Return both KS, what lies between them as a reader subtracts it, and the limit on the same side of it."""
    fall = abs(train - held_out)
    for digits in range(3, MOST_DIGITS):
        one, two, bound = (f"{each:.{digits}f}" for each in (train, held_out, limit))
        if not math.isfinite(fall):
            break
        shown = distance(one, two)
        order = Decimal(shown) - Decimal(bound)
        if (order > 0) == (fall > limit) and (order < 0) == (fall < limit):
            return {"train": one, "held_out": two, "value": shown, "limit": bound}
    return {"train": f"{train:.3f}", "held_out": f"{held_out:.3f}"}


def _verdict(
    code: str, message: str, value: float, limit: float, *, is_kept: bool | None, digits: int = 3
) -> dict[str, Any]:
    shown, bound = apart(value, limit, digits=digits)
    params = {"value": shown, "limit": bound}
    return {"code": code, "value": value, "limit": limit, "is_kept": is_kept, "message": message, "params": params}


def house_verdict(code: str, told: Sequence[Verdict], readings: Readings) -> Verdict:
    """Return the verdict by which a model is approved, on ``ks_gap`` or ``score_psi``.

    It is the one that the run told, to the letter, where the run's limit is at least as strict as the house's; who sets
    a looser one, or none, does not loosen an approval.

    Parameters
    ----------
    told : the verdicts of the run, as ``check_limits`` gave them. readings : of the same model.
    """
    none = Limits(ks_gap=None, score_psi=None)
    (found,) = check_limits(
        replace(none, **{name: getattr(HOUSE_LIMITS, name) for name in {code, "ks_gap_share"}}), readings
    )
    house, own = Verdict.from_dict(found), next((verdict for verdict in told if verdict.code == code), None)
    if own is None or own.limit is None or own.limit > (house.limit or 0.0):
        return house
    if own.message:
        return own
    # Without the run's own sentence it is told by the same rule.
    asked: dict[str, Any] = {code: own.limit}
    (again,) = check_limits(replace(none, **asked), readings)
    return Verdict.from_dict(again)


def limit_state(limit: Mapping[str, Any]) -> State:
    """Return what a verdict comes to: ``kept``, ``broken``, ``unproven`` or ``unjudged``.

    A small sample cannot prove that a limit is broken; that is no reason to call one kept whose number is above it.

    Parameters
    ----------
    limit : a verdict of ``check_limits``.

    Returns
    -------
    str

    Examples
    --------
    >>> [limit_state({"value": value, "limit": 0.05, "is_kept": True}) for value in (0.04, 0.06)]
    ['kept', 'unproven']
    """
    is_kept = limit.get("is_kept", True)
    if is_kept is None:
        return "unjudged"
    if not is_kept:
        return "broken"
    bound = limit.get("limit")
    return "unproven" if bound is not None and (limit.get("value") or 0) > bound else "kept"
