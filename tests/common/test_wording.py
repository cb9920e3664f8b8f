"""Nobody has to read a sentence twice: one term for one thing, the field's own words, no literal translation."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from common import translations
from common.management.commands.messages import collected

ROOT = Path(__file__).resolve().parents[2]
CHINESE = "[\u4e00-\u9fff]"

# What a native reader stumbled over, and what is said instead.
ENGLISH = {
    r"\(s\)": "a plural of its own",
    r"hang together": "are linked",
    r"question is put to": "included in the model",
    r"[Gg]aps tell": "missing values do not reveal the target",
    r"[Mm]issing (values )?tells?\b": "missing values predict the target",
    r"[Nn]one too strong": "no single column is suspiciously strong",
    r"steps looked at": "no violations in 95,000 checks",
    r"turns? its sign": "its sign flips",
    r"[Ll]ook at this many": "share of events captured",
    r"[Bb]eing drawn": "draft",
    r"was measured at": "performance",
    r"closer to what came": "better calibrated",
    r"something in chance|explains? by chance": "a pattern even in a shuffled target",
    r"(^|[.;:] )[Ll]eft empty,": "if empty,",
    r"over again\b|\banew\b": "again",
    r"[Aa]sk (a|the) (database|same query)": "query the database",
    r"[Tt]ake .{0,20} away\b|taken away": "remove",
    r"[Ss]um(med)? up by\b|[Cc]olumns summed up": "aggregate",
    r"[Ff]ound out\b": "detected",
    r"one row a \w+|\brow a (column|customer)": "one row per …",
    r"(?<!that )\bno model (ever )?learns from": "no model uses",
    r"(?<![Tt]here )is no (number|amount|direction|table|date)\b": "is not a …",
    r"\bput on record\b|\bgoes on record\b": "recorded",
}
CHINESE_WORDS = {
    "一看便知": "某些取值下结果完全一致，请确认",
    "等待空闲": "排队中",
    "跑到了底": "完整训练",
    "事件的对数胜算": "条越长，对这位客户影响越大",
    "随机可解释": "变化在正常波动内",
    "偶然可解释": "变化在正常波动内",
    "触达": "联系",
    "所有者": "负责人",
    "数据检查": "数据体检",
    "留出样本": "留出数据",
    "翻版": "相同",
    "认出月份": "能推断月份",
    "乱码": "无法识别的字符",
    "损坏的字符": "无法识别的字符",
    "坏字符": "无法识别的字符",
    "样例": "示例",
    "受保护属性|受保护字段": "受保护列",
    "评分(?!卡|体系|模型)": "得分",
}


@cache
def messages() -> list[tuple[str, str]]:
    """Every sentence that the product can say in English, and where it stands."""
    found = [one for ones in collected().values() for one in ones]
    return [
        (text, one.place) for one in found for text in ([one.message] if isinstance(one.message, str) else one.message)
    ]


@cache
def chinese() -> list[tuple[str, str, str]]:
    """Every translation in use: its app, the English with its context, the Chinese."""
    return list(_chinese())


def _chinese() -> Iterator[tuple[str, str, str]]:
    for app in collected():
        catalogue = translations.read(ROOT / "platform" / app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
        for message in catalogue:
            if message.id and message.locations:
                english = message.id if isinstance(message.id, str) else message.id[0]
                text = message.string if isinstance(message.string, str) else message.string[0]
                yield app, f"{message.context or ''}\x04{english}", text


@pytest.mark.parametrize(("said", "better"), ENGLISH.items())
def test_no_english_sentence_has_to_be_read_twice(said: str, better: str) -> None:
    assert [(text, place) for text, place in messages() if re.search(said, text)] == [], f"say: {better}"


@pytest.mark.parametrize(("said", "better"), CHINESE_WORDS.items())
def test_chinese_has_one_term_for_one_thing(said: str, better: str) -> None:
    assert [(app, text) for app, _, text in chinese() if re.search(said, text)] == [], f"say: {better}"


def test_one_english_sentence_has_one_translation_on_all_pages() -> None:
    told: dict[str, set[str]] = defaultdict(set)
    for _, english, text in chinese():
        told[english].add(text)
    assert {english: texts for english, texts in told.items() if len(texts) > 1} == {}


def test_every_translation_is_chinese() -> None:
    places = re.compile(r"%%|%\(\w+\)[sd]|%?\{[^}]*\}|</?\w+>|[^A-Za-z%{]+")
    english = [
        (app, text)
        for app, source, text in chinese()
        if not re.search(CHINESE, text) and len(places.sub("", text)) > 1 and not is_a_name(source.split("\x04")[1])
    ]
    assert english == []


def is_a_name(text: str) -> bool:
    """Whether a text is a name or an abbreviation, which Chinese keeps: AUC, LightGBM, Authorization, SQL."""
    words = re.findall(r"[A-Za-z][A-Za-z-]*", re.sub(r"%\(\w+\)[sd]|\{\w*\}", "", text))
    return all(not word.islower() and (word in NAMES or word != word.capitalize() or len(word) < 3) for word in words)


NAMES = frozenset({"Optuna", "Polars", "Excel", "Parquet", "Word"})


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(rf"{CHINESE} +(?!读作|列名=|代码=){CHINESE}(?!名=)", id="a space between two characters"),
        pytest.param(rf"{CHINESE}[,;?!]|[,;?!]{CHINESE}", id="half-width punctuation"),
        pytest.param(rf"{CHINESE}:\s|{CHINESE}\(|\){CHINESE}", id="half-width colon or bracket"),
    ],
)
def test_chinese_is_set_as_chinese_is(wrong: str) -> None:
    assert [(app, text) for app, _, text in chinese() if re.search(wrong, text)] == []


def test_no_form_leaves_a_date_to_the_browser_s_own_language() -> None:
    pages = [*(ROOT / "platform").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    asks = re.compile(r"""["']type["']: *["']date["']|type="date\"""")
    assert [str(path.relative_to(ROOT)) for path in pages if asks.search(path.read_text(encoding="utf-8"))] == []


def test_a_file_is_chosen_by_a_button_in_the_language_of_the_page() -> None:
    forms = [path.read_text(encoding="utf-8") for path in (ROOT / "platform").rglob("*.py")]
    inputs = [found for text in forms for found in re.findall(r"FileInput\(.*", text)]
    assert inputs
    assert [one for one in inputs if '"drop-i"' not in one] == []


# What stands on a page in any language: formats, hashes, keys, a command line.
IN_ANY_LANGUAGE = re.compile(
    r"\b(CSV|JSON|SHA-256|PSI|AUC|KS|IV|XLSX|SQL|EN|English|openapi\.json|K|v|0x01|OOT|HTML|PDF|Excel|Parquet|WOE|PostgreSQL|MySQL)\b"
)
NO_WORDS = (
    r"(?s)\{% comment %\}.*?\{% endcomment %\}",
    r"(?s)\{% blocktranslate.*?\{% endblocktranslate %\}",
    r"(?s)<(script|style|code|pre|kbd)\b.*?</\1>",
    r"(?s)<!--.*?-->",
    r"\{% block (nav|icon) %\}[\w -]+\{% endblock %\}",
    r"\{%.*?%\}|\{\{.*?\}\}",
    r"(?s)<[a-z/!](?:\"[^\"]*\"|'[^']*'|[^>\"'])*>",
    r"(?m)\b[a-z-]+=\"\n?(\")?|&\w+;",
)


def test_no_template_says_a_word_that_cannot_be_translated() -> None:
    left = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for gone in NO_WORDS:
            text = re.sub(gone, "" if gone.startswith(r"\{") else "\n", text)
        lines = [IN_ANY_LANGUAGE.sub("", line) for line in text.split("\n")]
        if words := [line.strip() for line in lines if re.search(r"[A-Za-z]{2}", line)]:
            left[path.relative_to(ROOT).as_posix()] = words
    assert left == {}
