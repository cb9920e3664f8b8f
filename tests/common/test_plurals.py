"""One thing is called one thing: no sentence of the product says "1 cells hold"."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines
from django.utils import translation

from common.management.commands.messages import collected
from common.templatetags.formatting import told
from experiments.errors import BadInput
from experiments.telling import ONE_OF, agreeing

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"%\((\w+)\)")
# "1 of 1 rows" is "1 of 1 row"; up to two words may describe what is counted; "1 times as many" is right.
# What may follow a 1 that is no count, or a counted word that has become one.
VERBS_OF_ONE = {
    "acts", "raises", "adds", "agrees", "alone", "also", "answers", "as", "asks", "becomes", "carries", "does",
    "explains",
    "falls", "gives", "has", "holds", "is", "joins", "keeps", "lacks", "leaves", "lies", "lists", "looks", "marks",
    "means", "mixes", "ms", "names", "needs", "numbers", "opens", "puts", "ranks", "reaches", "reads", "repeats",
    "rises", "s", "says", "scores", "sees", "separates", "settles", "shows", "signs", "speaks", "splits", "stands",
    "takes", "tells", "times", "towards", "uses", "was", "weighs", "writes",
}  # fmt: skip
# Places that hold a name, a value or a share and not a number of things.
NAMES = {
    "column", "name", "version", "table", "file", "event", "header", "child", "parent", "share", "base", "value",
    "first", "second",
    "member", "person", "non_events", "words", "example",
}  # fmt: skip
_OTHER = "|".join(["of", "in", "to", "from", "at", "on", "and", "or", *VERBS_OF_ONE])
_NOUNS = "|".join(map(re.escape, ONE_OF))
MANY = re.compile(
    rf"(?<![\w.])1 (?:of 1 )?(?:(?!(?:{_OTHER}) )[a-z-]+ ){{0,2}}(?:{_NOUNS})(?![\w(-])"
    r"(?!(?<=times) (?:as|that|those|the|its)\b)"
)
# Any other word that could be many: it is a verb of one, or has to come to ONE_OF.
ANY_MANY = re.compile(r"(?<![\w.])1 ([a-z]+s)\b")
# These count rows of a whole table, of which a run needs hundreds, or folds, of which there are two at least.
NEVER_ONE = {
    "templates/planning/_plan_sentence.html", "templates/planning/plan.html", "templates/results/result.html",
}  # fmt: skip


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence with places that has no plural form of its own, and where it stands."""
    for found in collected().values():
        for one in found:
            if isinstance(one.message, str) and PLACE.search(one.message):
                yield one.message, one.place


def of_one(sentence: str) -> dict[str, object]:
    return {name: name.upper() if name in NAMES else 1 for name in PLACE.findall(sentence)}


def test_every_sentence_with_a_count_reads_of_one_as_one_says_it() -> None:
    wrong = []
    with translation.override("en"):
        for sentence, place in sentences():
            if place.startswith("templates/"):
                # What stands in a template itself has the template's own plural.
                if place not in NEVER_ONE and agreeing(sentence, of_one(sentence)) != sentence:
                    wrong.append((place, sentence))
                continue
            text = told(sentence, of_one(sentence))
            if MANY.search(text) or any(word not in VERBS_OF_ONE for word in ANY_MANY.findall(text)):
                wrong.append((place, text))
    assert not wrong, "\n".join(map(str, wrong))


def test_there_are_many_such_sentences() -> None:
    assert sum(agreeing(sentence, of_one(sentence)) != sentence for sentence, _ in sentences()) > 150


@pytest.mark.parametrize(
    ("sentence", "params", "text"),
    [
        ("%(count)s cells hold categories", {"count": 1}, "1 cell holds categories"),
        ("%(count)s cells hold categories", {"count": "2"}, "2 cells hold categories"),
        ("%(count)s cells hold categories", {"count": "1,001"}, "1,001 cells hold categories"),
        ("%(count)s of %(rows)s values are not dates", {"count": 1, "rows": 30}, "1 of 30 values is no date"),
        ("%(count)s rows have no date in %(column)s; they are left out", {"count": 1, "column": "d"},
         "1 row has no date in d; it is left out"),
        ("%(count)s numbers, such as %(example)s, were read with one mark", {"count": 1, "example": "1.500"},
         "1 number, such as 1.500, was read with one mark"),
        ("%(keys)s keys occur in more than one row, %(rows)s rows in all", {"keys": 1, "rows": 3},
         "1 key occurs in more than one row, 3 rows in all"),
        # Columns and values may be called "1", and count nothing.
        ("%(column)s numbers the rows", {"column": "1"}, "1 numbers the rows"),
        ("%(lift)s times as many as a random selection", {"lift": 1}, "1 times as many as a random selection"),
        # What is filled in is never touched.
        ("%(count)s files: %(names)s", {"count": 1, "names": "1 rows.csv"}, "1 file: 1 rows.csv"),
    ],
)  # fmt: skip
def test_the_word_and_its_verb_follow_the_count(sentence: str, params: dict[str, object], text: str) -> None:
    with translation.override("en"):
        assert told(sentence, params) == text
    # An error of the engine says the same to whoever catches it.
    assert str(BadInput(sentence, **params)) == text


def test_a_chinese_sentence_stays_as_it_was_written() -> None:
    with translation.override("zh-hans"):
        assert told("%(count)s cells are empty", {"count": 1}) == "1 个空单元格"


def test_a_template_has_its_own_form_for_one() -> None:
    page = engines["django"].from_string(
        "{% load i18n %}{% blocktranslate trimmed count one=n with n=n %}{{ n }} different value"
        "{% plural %}{{ n }} different values{% endblocktranslate %}"
    )
    with translation.override("en"):
        assert page.render({"n": 1}) == "1 different value"
