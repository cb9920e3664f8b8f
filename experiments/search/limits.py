"""What a model must keep to be recommended, in the numbers of the spec, and whether it keeps it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.errors import gettext_noop
from experiments.search.learners import FittedModel
from experiments.spec import Limits
from experiments.telling import apart

KS_GAP = gettext_noop(
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit is %(limit)s."
)
KS_RISE = gettext_noop(
    "KS rises by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit of a fall is "
    "%(limit)s."
)
KS_GAP_SHARE = gettext_noop(
    "KS falls by %(value)s, from %(train)s on training rows to %(held_out)s on rows set aside; the limit is %(limit)s, "
    "which is %(share)s of the training KS and more than %(least)s."
)
# Results that earlier versions stored hold these, and have to be told in every language still.
EARLIER_SENTENCES = (
    gettext_noop("KS falls by %(value)s from training rows to rows set aside; the limit is %(limit)s."),
    gettext_noop("KS rises by %(value)s from training rows to rows set aside; the limit of a fall is %(limit)s."),
)
SCORE_PSI = gettext_noop("The score's PSI on rows set aside is %(value)s; the limit is %(limit)s.")
FEATURES = gettext_noop("The model reads %(value)s columns; the limit is %(limit)s.")
MILLISECONDS = gettext_noop("Scoring a row takes %(value)s ms; the limit is %(limit)s ms.")

_SPLIT_FEATURES = re.compile(r"^split_feature=(.*)$", re.MULTILINE)


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


def check_limits(limits: Limits, readings: Readings) -> list[dict[str, Any]]:
    """Return the verdict on each limit that is set, as ``{code, value, limit, is_kept, message, params}``.

    The fall in KS may be as large as ``ks_gap`` or, where a share was asked for as well, as ``ks_gap_share`` of the
    training KS, whichever is more; the sentence then says so. A limit on a measure that chance moves is broken only
    where the sample is large enough to say so: the fall by the interval of KS, the shift by what PSI gives without any
    shift. Where there are too few rows or events to conclude anything, ``is_kept`` is None: the limit is neither kept
    nor broken.
    """
    found = []
    if limits.ks_gap is not None:
        share = limits.ks_gap_share * readings.train_ks
        allowed = max(limits.ks_gap, share)
        certain = readings.train_ks - max(readings.held_out_ks, readings.held_out_ks_high or 0.0)
        gap = readings.train_ks - readings.held_out_ks
        is_kept = certain <= allowed if readings.has_enough_events else None
        fall = KS_GAP_SHARE if share > limits.ks_gap else KS_GAP
        verdict = _verdict("ks_gap", fall if gap >= 0 else KS_RISE, abs(gap), allowed, is_kept=is_kept)
        verdict["params"] |= {"train": f"{readings.train_ks:.3f}", "held_out": f"{readings.held_out_ks:.3f}"}
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
    return found


def _verdict(
    code: str, message: str, value: float, limit: float, *, is_kept: bool | None, digits: int = 3
) -> dict[str, Any]:
    shown, bound = apart(value, limit, digits=digits)
    params = {"value": shown, "limit": bound}
    return {"code": code, "value": value, "limit": limit, "is_kept": is_kept, "message": message, "params": params}


def columns_read(members: Iterable[FittedModel], table: pd.DataFrame) -> int:
    """Return how many columns of ``table`` (a few rows, as the members read it) move any member's margin.

    Trees in LightGBM's text name the columns they split on; of other families a column counts when it has a part in
    the margin of any of the rows.
    """
    read: set[Any] = set()
    for member in members:
        text = getattr(member, "text", None)
        if text is not None:
            lists = _SPLIT_FEATURES.findall(text)
            read |= {table.columns[int(place)] for places in lists for place in set(places.split())}
        else:
            phi, _ = member.contributions(table)
            read |= set(table.columns[(phi != 0).any(axis=0)])
    return len(read)
