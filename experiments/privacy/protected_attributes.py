"""Columns that look like protected attributes, such as sex, age or origin, by what they are called or hold."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from experiments.data.schema import read_schema
from experiments.errors import gettext_noop
from experiments.features.levels import level_text
from experiments.paths import AnyPath

__all__ = ["protected_attribute", "protected_columns_of"]

# What a column may say of a person, with the words of its names: English as whole words, Chinese wherever they stand.
ATTRIBUTES = {
    "sex": gettext_noop("sex"),
    "age": gettext_noop("age"),
    "ethnicity": gettext_noop("ethnicity"),
    "marriage": gettext_noop("marital status"),
    "religion": gettext_noop("religion"),
    "origin": gettext_noop("region or origin"),
    "nationality": gettext_noop("nationality"),
    "health": gettext_noop("health or pregnancy"),
    "politics": gettext_noop("political affiliation"),
}
_NAMES: dict[str, tuple[str, str]] = {
    "sex": (r"sex|sexual|gender|male|female|xingbie", r"性别|性取向|男女"),
    "age": (r"age|ages|birth|birthday|birthdate|birthyear|dob|yob|nianling", r"年龄|岁数|周岁|出生(?!地)|生日"),
    "ethnicity": (r"race|racial|ethnic|ethnicity|ethnic group|minority|caste|tribe|minzu", r"民族|种族|族裔|族群"),
    "marriage": (
        r"marital|marriage|married|divorced|widowed|civil status|family status|hunyin|hunfou",
        r"婚(?!庆|礼|纱)",
    ),
    "religion": (r"religion|religious|faith|zongjiao", r"宗教|信仰|教派"),
    "origin": (
        r"region|regions|province|birthplace|place of birth|native place|hometown|hukou|huji|jiguan|origin country"
        r"|national origin|ancestry|mother tongue|native language",
        r"地区|省份|籍贯|祖籍|户口|户籍|出生地|户别|母语|方言",
    ),
    "nationality": (
        r"nationality|citizen|citizenship|foreigner|foreign worker|foreign born|immigrant|immigration|guoji",
        r"国籍|外籍|移民|外国人",
    ),
    "health": (
        r"disability|disabled|handicap|handicapped|pregnant|pregnancy|maternity|illness|medical history|health status"
        r"|genetic",
        r"残疾|残障|怀孕|孕产|孕期|孕妇|病史|健康状况|基因",
    ),
    "politics": (r"political|politics|party member|party membership|union member", r"政治面貌|党员|党派|工会会员"),
}
# The age of a thing is none of a person, and where a shop lies says nothing of where its customer comes from.
_OF_A_THING = re.compile(
    r"\b(?:accounts?|accts?|acc|credit|loans?|cards?|file|trades?|tradelines?|tl|history|vehicles?|car|auto|device|phone"
    r"|sim|house|home|property|building|policy|contract|relationship|oldest|newest|bureau|business|company|firm|branch"
    r"|store|merchant|stop|sales|bill|invoice|balance|debt|arrears|inventory)\b"
    r"|账户|账|卡|贷|车|房|楼|机|设备|合同|保单|企业|公司|门店|商户|网点|关系|店",
    re.IGNORECASE,
)
_OF_A_PERSON = re.compile(
    r"\b(?:holders?|owners?|applicants?|borrowers?|customers?|clients?|members?|persons?|users?|drivers?)\b"
    r"|人(?!民)|主(?!营)|客户|会员|用户",
    re.IGNORECASE,
)
_WITH_THINGS = ("age", "origin")
_PEOPLES = (
    *("汉", "满", "回", "藏", "苗", "彝", "壮", "侗", "瑶", "白", "傣", "黎", "羌", "土", "怒", "京", "畲", "佤", "水"),
    *("维吾尔", "蒙古", "土家", "朝鲜", "哈萨克", "布依", "哈尼", "傈僳", "拉祜", "纳西", "仫佬", "仡佬", "锡伯"),
    *("景颇", "撒拉", "柯尔克孜", "达斡尔", "东乡", "毛南", "布朗", "塔吉克", "阿昌", "普米", "鄂温克", "德昂", "保安"),
    *("裕固", "门巴", "珞巴", "京", "高山", "俄罗斯", "赫哲", "基诺", "独龙", "塔塔尔", "鄂伦春", "乌孜别克"),
)  # fmt: skip
# By attribute: words that leave no doubt, and those that may stand beside them.
_VALUES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sex": (("f", "female", "woman", "女", "女性"), ("m", "male", "man", "男", "男性", "xna", "other", "其他")),
    "marriage": (
        (
            *(
                "married",
                "unmarried",
                "divorced",
                "not married",
                "never married",
                "never-married",
                "married-civ-spouse",
            ),
            *("single / not married", "已婚", "未婚", "离异", "离婚"),
        ),
        (
            *("single", "widowed", "widow", "separated", "civil marriage", "cohabiting", "married-spouse-absent"),
            *("married-af-spouse", "丧偶", "再婚", "初婚", "复婚", "分居", "同居", "other", "其他"),
        ),
    ),
    "ethnicity": (
        (*("white", "black", "asian", "hispanic", "caucasian"), *(f"{people}族" for people in _PEOPLES)),
        (
            *("latino", "african american", "native american", "black or african american", "asian-pac-islander"),
            *("amer-indian-eskimo", "mixed", "other", "其他"),
        ),
    ),
    "religion": (
        (
            *("christian", "christianity", "muslim", "islam", "hindu", "hinduism", "buddhist", "buddhism", "catholic"),
            *("佛教", "基督教", "伊斯兰教", "天主教"),
        ),
        ("jewish", "protestant", "orthodox", "sikh", "atheist", "none", "other", "道教", "无", "无宗教信仰", "其他"),
    ),
}
_UNKNOWN = frozenset(("", "unknown", "na", "n/a", "missing", "未知", "不详", "nan", "-"))
_JOINED = re.compile(r"([a-z0-9])([A-Z])")
_SIGNS = re.compile(r"[\W_]+|\d+")
ROWS_TO_SEE_VALUES, MOST_VALUES = 2_000, 30


def protected_attribute(names: Iterable[str], values: Sequence[object] = ()) -> str | None:
    """Return which attribute of ``ATTRIBUTES`` a column seems to hold, by one of its names or by all its values.

    Parameters
    ----------
    names : the column's own and those of the dictionary. values : its distinct values, as far as they are few.

    Returns
    -------
    str or None

    Examples
    --------
    >>> protected_attribute(["CODE_GENDER"]), protected_attribute(["客户年龄段"])
    ('sex', 'age')
    >>> protected_attribute(["x7"], ["男", "女", None])
    'sex'
    >>> protected_attribute(["account_age"]), protected_attribute(["average_balance"]), protected_attribute(["账龄"])
    (None, None, None)
    """
    return next((found for name in names if (found := _by_name(name))), None) or _by_values(values)


def protected_columns_of(parquet: AnyPath) -> dict[str, str]:
    r"""Return ``{column: attribute}`` of a Parquet file that ``ingest_files`` wrote, from names and first rows.

    Parameters
    ----------
    parquet : path of the table.

    Returns
    -------
    dict

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> protected_columns_of(folder / "a.parquet")
    {'age': 'age'}
    """
    parquet = Path(parquet)
    columns = read_schema(parquet)
    words = [column.name for column in columns if column.type in ("categorical", "boolean", "text")]
    head = next(pq.ParquetFile(parquet).iter_batches(ROWS_TO_SEE_VALUES, columns=words), None) if words else None
    values = {name: head.column(name).unique().to_pylist() for name in words} if head is not None else {}
    found = {
        column.name: protected_attribute((column.name, column.label), values.get(column.name, ())) for column in columns
    }
    return {name: attribute for name, attribute in found.items() if attribute}


def _by_name(name: str) -> str | None:
    plain = _SIGNS.sub(" ", _JOINED.sub(r"\1 \2", name)).strip().lower()
    for attribute, (english, chinese) in _NAMES.items():
        if not re.search(rf"(?<![a-z])(?:{english})(?![a-z])|{chinese}", plain):
            continue
        is_of_a_thing = attribute in _WITH_THINGS and _OF_A_THING.search(plain) and not _OF_A_PERSON.search(plain)
        if not is_of_a_thing:
            return attribute
    return None


def _by_values(values: Sequence[object]) -> str | None:
    if not 1 < len(values) <= MOST_VALUES:
        return None
    held = {(level_text(value) or "").strip().lower() for value in values} - _UNKNOWN
    if len(held) < 2:
        return None
    return next((name for name, (sure, others) in _VALUES.items() if held <= {*sure, *others} and held & {*sure}), None)
