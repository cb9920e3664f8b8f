"""Numbers as sentences carry them: what is shown never turns round what the sentence claims of them."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Integral
from typing import Any

# Beyond these a difference is one of the machine's arithmetic and not worth a digit.
MOST_DIGITS = 12
_WHOLE = re.compile(r"(?<!%)%\((\w+)\)d")
_NEGATIVE = re.compile(r"-(\d[\d,]*(\.\d+)?(e[-+]?\d+)?) ?%?")


def apart(*values: float, digits: int = 3, percent: bool = False) -> list[str]:
    """Return numbers with as many decimals as it takes for different ones to look different.

    "0.050 is over the limit of 0.050" helps nobody: 0.0504 and 0.05 are shown as 0.0504 and 0.0500.

    Parameters
    ----------
    values : what one sentence compares. digits : decimals of each, at least. percent : write shares as percentages.

    Examples
    --------
    >>> apart(0.0504, 0.05)
    ['0.0504', '0.0500']
    >>> apart(0.4031, 0.4, digits=0, percent=True)
    ['40.3%', '40.0%']
    """

    def written(count: int) -> list[str]:
        return [f"{value:.{count}%}" if percent else f"{value:.{count}f}" for value in values]

    # Of three numbers two may be one but for the machine's arithmetic; the third still has to look different.
    different = len(set(written(MOST_DIGITS)))
    for count in range(digits, MOST_DIGITS):
        if len(set(written(count))) == different:
            return written(count)
    return written(MOST_DIGITS)


def distance(one: str, other: str) -> str:
    """Return how far two numbers are apart, as a reader finds it who subtracts what is shown.

    >>> distance("0.598", "0.516"), distance("0.7951", "0.7959")
    ('0.082', '0.0008')
    """
    return str(abs(Decimal(one) - Decimal(other)))


def set_against(first: float, second: float, bounds: Sequence[float] = (), digits: int = 3) -> tuple[str, ...]:
    """Return two numbers, their difference with its sign, and its bounds, so that what is shown agrees.

    A reader's own subtraction gives the difference, which lies within the bounds, and no bound that is not 0 looks
    like 0: where three decimals cannot do that, more are shown; where some more cannot either, it is as good as 0.

    Examples
    --------
    >>> set_against(0.5156, 0.5984, (-0.1204, -0.0452))
    ('0.516', '0.598', '−0.082', '−0.120', '−0.045')
    >>> set_against(0.7951, 0.7959, (-0.0015, -0.0001))
    ('0.7951', '0.7959', '−0.0008', '−0.0015', '−0.0001')
    """
    for count in (*range(digits, digits + 4), digits):
        one, two = (Decimal(f"{value:.{count}f}") for value in (first, second))
        ends = [Decimal(f"{value:.{count}f}") for value in bounds]
        is_within = not ends or min(ends) <= one - two <= max(ends)
        if is_within and all(bool(shown) == bool(value) for shown, value in zip(ends, bounds, strict=True)):
            break
    shown = (signed(float(value), count) for value in (one - two, *ends))
    return (*(minus(f"{value:.{count}f}") for value in (first, second)), *shown)


def bounded(value: float, low: float, high: float, digits: int = 3) -> tuple[str, ...]:
    """Return a difference and its bounds with a sign each; no bound that is not 0 looks like 0.

    >>> bounded(-0.006, -0.011, -0.0003)
    ('−0.0060', '−0.0110', '−0.0003')
    """
    for count in (*range(digits, digits + 4), digits):
        shown = tuple(signed(each, count) for each in (value, low, high))
        if all(bool(each) == bool(float(f"{each:.{count}f}")) for each in (low, high)):
            break
    return shown


def more_than_none(value: float, digits: int = 4) -> str:
    """Return a number with as many decimals as it takes for it not to look like nothing, unless it is nothing."""
    return apart(value, 0.0, digits=digits)[0] if value else f"{0.0:.{digits}f}"


def minus(shown: str) -> str:
    """Return a number as it is read, a true minus before it where it is negative: −0.123, not -0.123.

    Anything else, such as a name or a date, is returned as it is.

    >>> minus("-0.123"), minus("-1,234.5%"), minus("-3e-05"), minus("2025-01-31"), minus("-")
    ('−0.123', '−1,234.5%', '−3e−05', '2025-01-31', '-')
    """
    return shown.replace("-", "−") if shown[:1] == "-" and _NEGATIVE.fullmatch(shown) else shown


def signed(value: float, digits: int = 4) -> str:
    """Return a change with its sign, a true minus, and no sign where it rounds to nothing."""
    shown = f"{value:+.{digits}f}"
    return f"{0.0:.{digits}f}" if not float(shown) else minus(shown)


# What a counted word of the product's English looks like of one; the verb after it follows.
_REGULAR = (
    "account algorithm answer argument bin bracket cell challenger change character check column coefficient "
    "configuration customer date day digit "
    "entry event experiment field file finalist fold group hour id job key kind learner leaver level line minute model "
    "month name number other part place point problem question record responder row rule second sheet step table "
    "term thing time token trial tree upload value version warning way week window word year"
)
_IRREGULAR = {
    "copies": "copy", "dictionaries": "dictionary", "entries": "entry", "categories": "category",
    "families": "family", "people": "person", "IDs": "ID",
}  # fmt: skip
ONE_OF = {f"{word}s": word for word in _REGULAR.split()} | _IRREGULAR
ONE_DOES = {
    "are": "is", "were": "was", "have": "has", "do": "does", "hold": "holds", "carry": "carries", "stand": "stands",
    "lie": "lies", "repeat": "repeats", "belong": "belongs", "end": "ends", "allow": "allows", "look": "looks",
    "mean": "means", "need": "needs", "say": "says", "wait": "waits", "fit": "fits", "agree": "agrees",
    "contain": "contains", "count": "counts", "occur": "occurs", "go": "goes", "differ": "differs",
    "keep": "keeps", "share": "shares",
}  # fmt: skip
# Further from its subject only a verb that is no noun as well can be told.
_FAR = ("are", "were", "have", "hold", "carry", "stand", "lie", "need")
_PRONOUNS = {"they are": "it is", "they were": "it was", "they count": "it counts"}
# What a verb of many says its subject is.
_SAID = {"is not dates": "is no date", "is words": "is a word", "is exact copies": "is an exact copy"}
# Places that hold names and values, which may be "1" without counting anything.
_NAMES = frozenset({"column", "name", "table", "file", "event", "label", "id", "person", "host"})
_BETWEEN = "is are was were has have holds hold in of to the a an and or for with from by on at not stands says counts"
# One page has one term for the rows kept for the end; "held-out" is that of sentences that know no more.
_OUT_OF_TIME = {
    "held-out row": "out-of-time row", "Held-out row": "Out-of-time row", "留出数据": "跨时间数据",
}  # fmt: skip
_HELD_OUT = re.compile("|".join(_OUT_OF_TIME))
# Places whose whole numbers say which one, not how many: no thousands are set apart in them.
_WHICH = _NAMES | {"number", "former", "line", "byte", "port", "seed", "year", "position", "status", "level", "other"}
# Places that quote a cell as it is written in somebody's file.
_QUOTED = frozenset({"value", "words", "example", "levels", "values", "code"})
# A count, what it is part of if anything, up to three words that describe, the counted word; "1 times as many" stays.
_COUNTED = re.compile(
    r"(?<![A-Za-z])%\((?P<name>\w+)\)[sd]"
    r"(?P<of> of (?:the |%\((?P<whole>\w+)\)[sd] ))?"
    rf" ?(?:(?!(?:{'|'.join(_BETWEEN.split())}) )[a-z-]+ ){{0,3}}?"
    rf"(?P<noun>{'|'.join(map(re.escape, sorted(ONE_OF, key=len, reverse=True)))})(?![\w(-])"
    r"(?!(?<=times) (?:as|that|those|the|its)\b)"
)
_NEAR_VERB = re.compile(rf"^(?: \([^)]*\)|,? such as %\(\w+\)s,?)? ({'|'.join(ONE_DOES)})\b")
_FAR_VERB = re.compile(rf" ({'|'.join(_FAR)})\b")
_PRONOUN = re.compile(rf"\b({'|'.join(_PRONOUNS)})\b")
# Here the verb of a count has passed, or another subject follows.
_STOPS = re.compile(r"[,.;:]| (?:that|which|who|to|than|when|where|as)\b")


def agreeing(sentence: str, params: Mapping[str, Any]) -> str:
    """Return an English sentence whose counted words and their verbs agree with counts of one.

    Sentences are written for many; nothing but "1" before a word makes one of it. Works on the sentence before its
    places are filled, so that no name or value of a customer's is ever touched.

    Parameters
    ----------
    sentence : with ``%(name)s`` places. params : what goes into them.

    Examples
    --------
    >>> agreeing("%(count)s cells hold categories the model never saw", {"count": 1})
    '%(count)s cell holds categories the model never saw'
    >>> agreeing("%(count)s of %(rows)s rows are empty", {"count": "1", "rows": 500})
    '%(count)s of %(rows)s rows is empty'
    """
    done, counts = [], 0
    while match := _COUNTED.search(sentence):
        end, counts = match.end("noun"), counts + 1
        found, sentence = sentence[:end], sentence[end:]
        is_one = _is_one(match["name"], params)
        if _is_one(match["whole"], params) if match["whole"] else is_one and not match["of"]:
            found = found[: match.start("noun")] + ONE_OF[match["noun"]]
        done.append(found)
        if is_one:
            sentence = _with_verb_of_one(sentence)
            if counts == 1:
                sentence = _PRONOUN.sub(lambda pronoun: _PRONOUNS[pronoun[0]], sentence)
    return "".join([*done, sentence])


def _is_one(name: str, params: Mapping[str, Any]) -> bool:
    value = params.get(name)
    return name not in _NAMES and str(value) == "1"


def _with_verb_of_one(rest: str) -> str:
    """Let the verb of a counted word, and one that "and" joins to it, be that of one."""
    verb, stop = _NEAR_VERB.search(rest) or _FAR_VERB.search(rest), _STOPS.search(rest)
    if not verb or (stop and stop.start() < verb.start()):
        return rest
    after = re.sub(r"^([^.;:]*) and (are|have|were|count)\b", _joined, rest[verb.end() :])
    told = f"{rest[: verb.start(1)]}{ONE_DOES[verb[1]]}{after}"
    for many, one in _SAID.items():
        told = told.replace(many, one)
    return told


def _joined(second: re.Match[str]) -> str:
    return f"{second[1]} and {ONE_DOES[second[2]]}"


def filled(sentence: str, params: Mapping[str, Any]) -> str:
    """Fill the places of a sentence in whatever language, its counted English words agreeing with the counts.

    A parameter ``held_out_kind`` says which term the sentence uses for the rows held out; see ``of_sample``.

    >>> filled("%(rows)s rows", {"rows": 1}), filled("It falls to %(slope)s.", {"slope": "-0.2"})
    ('1 row', 'It falls to −0.2.')
    >>> filled("%(count)s rows of v%(number)s", {"count": 43000, "number": 1200})
    '43,000 rows of v1200'
    """
    shown = {name: _shown(name, value) for name, value in params.items()}
    # A count with its thousands set apart is a text, also in a place that was made for a whole number.
    told = agreeing(of_sample(sentence, params.get("held_out_kind", "")), params)
    return _WHOLE.sub(r"%(\1)s", told) % shown


def _shown(name: str, value: Any) -> Any:
    """Return what stands in a place: a true minus before a number, the thousands of a count set apart."""
    if name in _QUOTED:
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        return minus(str(value) if name in _WHICH else f"{int(value):,}")
    return minus(value) if isinstance(value, str) else value


def of_sample(sentence: str, sample: str) -> str:
    """Return a sentence about held-out rows in the term of how they were chosen: out of time where time split them.

    Works on the sentence before its places are filled, as ``agreeing`` does.

    >>> of_sample("AUC %(auc)s on held-out rows", "out_of_time")
    'AUC %(auc)s on out-of-time rows'
    """
    return _HELD_OUT.sub(lambda term: _OUT_OF_TIME[term[0]], sentence) if sample == "out_of_time" else sentence
