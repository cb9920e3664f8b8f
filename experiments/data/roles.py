"""Proposes what a column is for: customer id, observation date, target, weight; each with its reason."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

from experiments.errors import gettext_noop
from experiments.spec import TargetKind

Proposal = tuple[str, str, dict[str, Any]]

UNIQUE = gettext_noop("Every row has another value, and the name says so: it tells customers apart, not good from bad.")
UNIQUE_WORDS = gettext_noop("Nearly every row has another value: it tells customers apart, not good from bad.")
REPEATED_ID = gettext_noop("The name says customer; %(distinct)s customers share %(rows)s rows.")
SECOND_ID = gettext_noop("It numbers the rows, as %(id)s does.")
DATED = gettext_noop("Each row has a date, from %(first)s to %(last)s.")
NAMED_TARGET = gettext_noop("It has two values and a name that asks a question.")
NAMED_WEIGHT = gettext_noop("The name says weight, and all values are positive.")

ID_NAME = re.compile(
    r"(^|[_\s.-])(id|uuid|guid|no|number|num|key|index|rowid)$|id$(?<![a-z]{2}id)|^id[_\s]|^unnamed|^index$"
    r"|编号|客户号|账号|卡号|证件号|身份证|流水号|序号|主键",
    re.IGNORECASE,
)
CUSTOMER_NAME = re.compile(
    r"(cust|customer|client|member|user|account|acct|card|person|borrower)[_\s]?(id|no|number|num|key)$"
    r"|客户(编)?号|客户id|账号|卡号|身份证|证件号",
    re.IGNORECASE,
)
DATE_NAME = re.compile(
    r"issue|apply|application|observ|snapshot|as_?of|sent|contact|book|open|report|event|month|date$|_d$|^dt|_dt$"
    r"|观察|申请|放款|发放|统计|营销|触达|业务|数据|日期|月份|账期|时点",
    re.IGNORECASE,
)
OTHER_DATE = re.compile(
    r"birth|dob|last|next|earliest|first|end|due|matur|settle|close|expir|update|hire"
    r"|出生|生日|最近|最后|首次|到期|结清|下次|关闭|更新|入职",
    re.IGNORECASE,
)
WEIGHT_NAME = re.compile(r"(^|[_\s])(sample_?weights?|weights?|wt)$|权重", re.IGNORECASE)
SURE_TARGET = re.compile(
    r"^(y|target|label|outcome|目标|标签|因变量)$|^(target|label)[_\s]|[_\s](target|label)$|目标", re.IGNORECASE
)
FLAG = re.compile(r"^(class|flag|is_event)$|[_\s]flag$|^is_|标志|标识", re.IGNORECASE)
TARGET_NAMES: dict[TargetKind, re.Pattern[str]] = {
    "response": re.compile(
        r"respon|answer|visit|click|open(ed)?$|subscri|churn|accept|buy|响应|应答|点击|接听|参与", re.IGNORECASE
    ),
    "conversion": re.compile(
        r"conver|purchas|bought|deal|complet|draw|order(ed)?$|buy|成单|转化|成交|购买|提款|支用|签约", re.IGNORECASE
    ),
    "default": re.compile(
        r"default|bad|good_?bad|risk_?perf|delinq|dpd|overdue|charge_?off|credit(abil|_?risk)|dlq|fpd|违约|逾期|坏|不良|好坏",
        re.IGNORECASE,
    ),
}
EVENT_WORDS = (
    *("1", "yes", "y", "true", "t", "bad", "default", "defaulted", "responded", "converted", "charged off", "churn"),
    *("是", "坏", "违约", "逾期", "响应", "成交", "有"),
)


class Profile(Protocol):
    """What of a column's profile a proposal rests on; see ``ColumnProfile``."""

    name: str
    type: str
    rows: int
    missing: int
    distinct: int
    min: Any
    max: Any
    top_values: list[dict[str, Any]]
    is_whole: bool
    is_ordered: bool


def propose_roles(profiles: Sequence[Profile], row_count: int) -> dict[str, Proposal]:
    """Return ``{column: (role, reason, params of the reason)}`` for the columns that are more than a feature.

    Roles are ``id``, ``date``, ``target``, ``weight`` and ``ignore`` (a second id). At most one column is proposed
    as id, as date, as target and as weight.
    """
    proposals: dict[str, Proposal] = {}
    ids = _ids(profiles, row_count)
    for place, (profile, reason) in enumerate(ids):
        if place == 0:
            params = {"distinct": profile.distinct, "rows": row_count}
            proposals[profile.name] = ("id", reason, params if reason == REPEATED_ID else {})
        elif reason != REPEATED_ID:
            proposals[profile.name] = ("ignore", SECOND_ID, {"id": ids[0][0].name})
    target = _best_target(profiles)
    if target and target not in proposals:
        proposals[target] = ("target", NAMED_TARGET, {})
    date = _observation_date(profiles)
    if date:
        proposals[date.name] = ("date", DATED, {"first": str(date.min)[:10], "last": str(date.max)[:10]})
    for profile in profiles:
        if WEIGHT_NAME.search(profile.name) and profile.type == "numeric" and profile.distinct > 1 and profile.min > 0:
            proposals.setdefault(profile.name, ("weight", NAMED_WEIGHT, {}))
            break
    return proposals


def propose_target(profiles: Sequence[Profile], kind: TargetKind) -> tuple[str, str] | None:
    """Return the column most likely asked about by this kind of question, and its event's value; ``None`` if none."""
    scored = [(_target_score(profile, kind), place, profile) for place, profile in enumerate(profiles)]
    score, _, best = max(scored, key=lambda entry: entry[:2], default=(0, 0, None))
    if best is None or score < 2:
        return None
    return best.name, _event_of(best)


def _ids(profiles: Sequence[Profile], row_count: int) -> list[tuple[Profile, str]]:
    """Return the columns that number rows or customers, the best first."""
    found = []
    for profile in profiles:
        reason = _id_reason(profile, row_count)
        if reason:
            found.append((bool(CUSTOMER_NAME.search(profile.name)), profile, reason))
    found.sort(key=lambda entry: (not entry[0], entry[2] == REPEATED_ID))
    return [(profile, reason) for _, profile, reason in found]


def _id_reason(profile: Profile, row_count: int) -> str | None:
    present = profile.rows - profile.missing
    if row_count < 20 or present < 0.95 * row_count or not _can_be_id(profile):
        return None
    is_unique = profile.distinct > 0.99 * present
    if is_unique and (ID_NAME.search(profile.name) or CUSTOMER_NAME.search(profile.name)):
        return UNIQUE
    if is_unique and (profile.type in ("text", "categorical") or _counts_up(profile)):
        return UNIQUE_WORDS if _is_short(profile) else None
    if CUSTOMER_NAME.search(profile.name) and profile.distinct > max(50, 0.1 * row_count):
        return REPEATED_ID
    return None


def _can_be_id(profile: Profile) -> bool:
    return profile.type in ("text", "categorical") or (profile.type == "numeric" and profile.is_whole)


def _counts_up(profile: Profile) -> bool:
    return profile.is_ordered and profile.is_whole and profile.max - profile.min < 2 * profile.distinct


def _is_short(profile: Profile) -> bool:
    return all(len(str(top["value"])) <= 40 for top in profile.top_values)


def _observation_date(profiles: Sequence[Profile]) -> Profile | None:
    dates = [
        profile
        for profile in profiles
        if profile.type == "date"
        and profile.missing <= 0.01 * profile.rows
        and not OTHER_DATE.search(profile.name)
        and str(profile.min)[:7] != str(profile.max)[:7]
    ]
    named = [profile for profile in dates if DATE_NAME.search(profile.name)]
    return next(iter(named or (dates if len(dates) == 1 else [])), None)


def _best_target(profiles: Sequence[Profile]) -> str | None:
    scores = {profile.name: max(_target_score(profile, kind) for kind in TARGET_NAMES) for profile in profiles}
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= 2 else None


def _target_score(profile: Profile, kind: TargetKind) -> float:
    """Two values are a must; then the name counts, a general one more, and standing first or last a little."""
    if profile.distinct != 2:
        return 0.0
    words = {str(top["value"]).lower() for top in profile.top_values}
    name = profile.name
    score = 3.0 * bool(SURE_TARGET.search(name)) + 0.5 * bool(FLAG.search(name))
    score += 2.0 * bool(TARGET_NAMES[kind].search(name))
    others = any(pattern.search(name) for other, pattern in TARGET_NAMES.items() if other != kind)
    score -= 0.5 * (others and not TARGET_NAMES[kind].search(name))
    return score + 0.5 * bool(words & set(EVENT_WORDS)) if score else 0.0


def _event_of(profile: Profile) -> str:
    values = [str(top["value"]) for top in profile.top_values]
    for value in values:
        if value.lower() in EVENT_WORDS:
            return value
    return values[-1]
