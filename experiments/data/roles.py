"""Proposes what a column is for, customer id, date, target, weight and so on, with a reason and a confidence."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import polars as pl

from experiments.data.splitting.given_parts import name_parts
from experiments.data.target import plain_word, values_of
from experiments.errors import gettext_noop
from experiments.kinds import KINDS
from experiments.yes_no import NO, YES

__all__ = ["Proposal", "propose_roles", "propose_target"]


class Proposal(NamedTuple):
    """A role, the sentence that says why with its params, and how sure it is (0 to 1).

    Examples
    --------
    >>> Proposal("id", "Every value is different.", {}, 0.9).role
    'id'
    """

    role: str
    reason: str
    params: dict[str, Any]
    confidence: float


UNIQUE = gettext_noop(
    "Every row has a different value, and the name looks like an ID: it identifies customers and does not predict."
)
UNIQUE_WORDS = gettext_noop("Nearly every row has a different value: it identifies customers and does not predict.")
REPEATED_ID = gettext_noop("The name looks like a customer ID; %(distinct)s customers share %(rows)s rows.")
SECOND_ID = gettext_noop("It numbers the rows, just as %(id)s does.")
DATED = gettext_noop("Each row has a date, from %(first)s to %(last)s.")
NAMED_TARGET = gettext_noop("It has two values, and the name looks like a yes-or-no outcome.")
NAMED_WEIGHT = gettext_noop("The name looks like a weight, and all values are positive.")
GROUPED = gettext_noop("The name suggests that rows belong together; %(distinct)s groups share %(rows)s rows.")
NAMED_SPLIT = gettext_noop("Its values say which rows are for training and which are held out: %(values)s.")
TREATED = gettext_noop("Its values say who was treated and who was not: %(values)s.")
NAMED_TREATMENT = gettext_noop(
    "The name suggests that customers were treated differently, and it has two or three values."
)

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
# Columns of such a name tell customers, loans or accounts apart, whatever their values look like.
KEY_NAME = re.compile(
    r"(^|[_\s.-])(id|uuid|guid)$|id$(?<![a-z]{2}id)|^id[_\s]"
    r"|(loan|contract|application|apply|order|bill|policy)[_\s]?(no|number|key)$"
    r"|编号|流水号|主键|借据号|合同号|订单号|保单号|申请号",
    re.IGNORECASE,
)
DATE_NAME = re.compile(
    r"issue|apply|application|observ|snapshot|as_?of|sent|contact|book|open|report|event|month|date$|_d$|^dt|_dt$"
    r"|观察|申请|放款|发放|统计|营销|触达|业务|数据|日期|月份|账期|时点",
    re.IGNORECASE,
)
# Of several dates, the one on which a customer was looked at comes before that of a request, and that before any other:
# an account is opened long before.
SURER_DATES = (
    re.compile(r"observ|snapshot|as_?of|观察|统计|时点|账期|快照", re.IGNORECASE),
    re.compile(r"apply|application|issue|sent|contact|申请|进件|放款|发放|营销|触达", re.IGNORECASE),
)
OTHER_DATE = re.compile(
    r"birth|dob|last|next|earliest|first|end|due|matur|settle|close|expir|update|hire"
    r"|出生|生日|最近|最后|首次|到期|结清|下次|关闭|更新|入职",
    re.IGNORECASE,
)
WEIGHT_NAME = re.compile(r"(^|[_\s])(sample_?weights?|weights?|wt)$|权重", re.IGNORECASE)
SURE_WEIGHT = re.compile(r"sample_?weight|样本权重|抽样权重|^权重$", re.IGNORECASE)
GROUP_NAME = re.compile(
    r"(household|family|group|cluster|company|employer|merchant|guarantor)[_\s]?(id|no|number|code|key)$"
    r"|家庭(编)?号|集团(编)?号|群组(编)?号|担保圈|商户(编)?号|单位(编)?号",
    re.IGNORECASE,
)
SPLIT_NAME = re.compile(
    r"split|fold$|train_?test|(data|sample)_?(set|part|type)$|样本集|数据集|样本类型|样本划分|训练集", re.IGNORECASE
)
TREATMENT_NAME = re.compile(
    r"treat(ed|ment)?($|[_\s])|^control$|(test|control|experiment)[_\s]?(group|arm)|^arm$"
    r"|实验组|对照组|是否干预|干预|分组标识|是否触达",
    re.IGNORECASE,
)
TREATED_WORDS = frozenset(("treatment", "treated", "test", "exposed", "实验组", "试验组", "干预组", "处理组"))
CONTROL_WORDS = frozenset(("control", "untreated", "not treated", "no e-mail", "holdout", "对照组", "对照", "空白组"))
SURE_TARGET = re.compile(
    r"^(y|target|label|outcome|目标|标签|因变量)$|^(target|label)[_\s]|[_\s](target|label)$|目标", re.IGNORECASE
)
MERELY_TARGET = re.compile(r"^(class|flag|event|is_event|result|标志|标识|结果)$", re.IGNORECASE)
FLAG = re.compile(r"[_\s]flag$|^(is|has)_|^是否|标志|标识", re.IGNORECASE)
ID_CONFIDENCE = {UNIQUE: 0.95, UNIQUE_WORDS: 0.7, REPEATED_ID: 0.85}
EVENT_WORDS = frozenset((*YES, *(word for kind in KINDS.values() for word in kind.event_value_words)))


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


Found = tuple[Profile | None, Proposal | None]


def propose_roles(profiles: Sequence[Profile], row_count: int) -> dict[str, Proposal]:
    r"""Return ``{column: Proposal}`` for the columns that are more than a feature.

    Roles are ``id``, ``date``, ``target``, ``weight``, ``group``, ``split``, ``treatment`` and ``ignore`` (a second
    id). At most one column is proposed for each but ``ignore``.

    Parameters
    ----------
    profiles : of a table's columns, in its order. row_count : of the table.

    Returns
    -------
    dict
        ``{column: Proposal}``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> from experiments.data.profile import profile_table
    >>> columns = profile_table(folder / "a.parquet")
    >>> {name: proposal.role for name, proposal in propose_roles(columns, 3).items()}
    {'bad': 'target'}
    """
    proposals: dict[str, Proposal] = {}
    ids = _ids(profiles, row_count)
    for place, (profile, reason) in enumerate(ids):
        if place == 0:
            params = {"distinct": profile.distinct, "rows": row_count}
            proposals[profile.name] = Proposal(
                "id", reason, params if reason == REPEATED_ID else {}, ID_CONFIDENCE[reason]
            )
        elif reason != REPEATED_ID:
            proposals[profile.name] = Proposal("ignore", SECOND_ID, {"id": ids[0][0].name}, 0.8)
    for column, proposal in (_split(profiles), _treatment(profiles)):
        if column and proposal:
            proposals.setdefault(column.name, proposal)
    target = _best_target([profile for profile in profiles if profile.name not in proposals])
    if target:
        proposals[target] = Proposal("target", NAMED_TARGET, {}, 0.95 if SURE_TARGET.search(target) else 0.8)
    date = _observation_date(profiles)
    if date:
        days = {"first": str(date.min)[:10], "last": str(date.max)[:10]}
        proposals[date.name] = Proposal("date", DATED, days, 0.9 if DATE_NAME.search(date.name) else 0.7)
    for column, proposal in (_weight(profiles), _group(profiles, row_count)):
        if column and proposal:
            proposals.setdefault(column.name, proposal)
    return proposals


def _split(profiles: Sequence[Profile]) -> Found:
    """Return the column whose values are the names of parts of a sample."""
    for profile in profiles:
        words = _words(profile)
        if 2 <= profile.distinct <= 5 and words and name_parts(words):
            sure = 0.95 if SPLIT_NAME.search(profile.name) else 0.85
            return profile, Proposal("split", NAMED_SPLIT, {"values": ", ".join(sorted(words))}, sure)
    return None, None


def _treatment(profiles: Sequence[Profile]) -> Found:
    """Return the column that tells treated customers from a control group."""
    few = [profile for profile in profiles if 2 <= profile.distinct <= 3 and profile.type != "date"]
    for profile in few:
        words = _words(profile)
        if words & CONTROL_WORDS and words - CONTROL_WORDS:
            sure = 0.9 if words & TREATED_WORDS or TREATMENT_NAME.search(profile.name) else 0.7
            return profile, Proposal("treatment", TREATED, {"values": ", ".join(sorted(words))}, sure)
    for profile in few:
        if TREATMENT_NAME.search(profile.name) and _words(profile) <= YES | NO:
            return profile, Proposal("treatment", NAMED_TREATMENT, {}, 0.7)
    return None, None


def _weight(profiles: Sequence[Profile]) -> Found:
    for profile in profiles:
        if WEIGHT_NAME.search(profile.name) and profile.type == "numeric" and profile.distinct > 1 and profile.min > 0:
            # A plain weight may be that of a body.
            sure = 0.9 if SURE_WEIGHT.search(profile.name) else 0.6
            return profile, Proposal("weight", NAMED_WEIGHT, {}, sure)
    return None, None


def _group(profiles: Sequence[Profile], row_count: int) -> Found:
    for profile in profiles:
        is_shared = 1 < profile.distinct <= 0.7 * row_count and profile.distinct > min(50, 0.02 * row_count)
        if GROUP_NAME.search(profile.name) and is_shared and _can_be_id(profile):
            params = {"distinct": profile.distinct, "rows": row_count}
            return profile, Proposal("group", GROUPED, params, 0.7)
    return None, None


def _words(profile: Profile) -> set[str]:
    """Return a column's values in small letters where the profile holds all of them."""
    words = {_spelled(top["value"]) for top in profile.top_values if top["value"] is not None}
    return words if len(words) == profile.distinct else set()


def _spelled(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip().lower()


def propose_target(profiles: Sequence[Profile], kind: str) -> tuple[str, str] | None:
    r"""Return the column most likely asked about by this kind of question, and its event's value; ``None`` if none.

    Parameters
    ----------
    profiles : of a table's columns. kind : of question, a name of ``experiments.kinds``.

    Returns
    -------
    tuple or None
        Column and event, both as text.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> from experiments.data.profile import profile_table
    >>> propose_target(profile_table(folder / "a.parquet"), "default")
    ('bad', '1')
    """
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


def tells_customers_apart(name: str, values: pl.Series) -> bool:
    """Tell by a column's name and by how many different values it has whether these are ids, not amounts or groups."""
    if not (CUSTOMER_NAME.search(name) or KEY_NAME.search(name)):
        return False
    present = len(values) - values.null_count()
    return values.drop_nulls().n_unique() > max(0.1 * present, min(50, 0.5 * present))


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
    return min(named or (dates if len(dates) == 1 else []), key=_doubt_of_date, default=None)


def _doubt_of_date(profile: Profile) -> int:
    """Return 0 for the surest names; of equally sure ones the first column is taken."""
    return next((place for place, names in enumerate(SURER_DATES) if names.search(profile.name)), len(SURER_DATES))


def _best_target(profiles: Sequence[Profile]) -> str | None:
    scores = {profile.name: max(_target_score(profile, kind) for kind in KINDS) for profile in profiles}
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= 2 else None


def _target_score(profile: Profile, kind: str) -> float:
    """Two values are a must; then the name counts, a general one more, and standing first or last a little."""
    values = _two_values(profile)
    if not values:
        return 0.0
    words = {plain_word(value) for value in values}
    name = profile.name
    score = (
        3.0 * bool(SURE_TARGET.search(name)) + 2.0 * bool(MERELY_TARGET.search(name)) + 0.5 * bool(FLAG.search(name))
    )
    score += 2.0 * bool(KINDS[kind].target_name.search(name))
    others = any(other.target_name.search(name) for other in KINDS.values() if other.name != kind)
    score -= 0.5 * (others and not KINDS[kind].target_name.search(name))
    return score + 0.5 * bool(words & EVENT_WORDS) if score else 0.0


def _two_values(profile: Profile) -> list[str]:
    """Return the two values of a column that can be a target, the more frequent first; nothing for any other.

    Spellings of one word are one value: Yes, YES and no are two.
    """
    tops = [top for top in profile.top_values if top.get("value") not in (None, "")]
    if len(tops) != profile.distinct:
        return []
    values = values_of({str(top["value"]): int(top.get("count", 1)) for top in tops})
    return values if len(values) == 2 else []


def _event_of(profile: Profile) -> str:
    values = _two_values(profile)
    return next((value for value in values if plain_word(value) in EVENT_WORDS), values[-1])
