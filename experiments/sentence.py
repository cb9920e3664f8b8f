"""A sentence as the engine stores and tells it: a key with places, and what goes into them.

The English text is the key. Its Chinese stands in ``locale/`` beside this file: one catalogue, read here by the
standard library's gettext and by the platform as one of its own.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any, Self

from experiments.labels import language_of
from experiments.telling import filled

CATALOGUE = Path(__file__).parent / "locale"
# What a run has stored under a key that is worded otherwise by now is told as it is worded now, in both languages.
REWORDED = CATALOGUE / "reworded.json"
# The platform looks for this name in every folder of words; the engine takes the same file.
DOMAIN = "django"
FOLDERS = {"zh": "zh_Hans"}
# What stands between the members of a list, between sentences in one place, and between sentences that follow.
COMMA = {"en": ", ", "zh": "、"}
SEMICOLON = {"en": "; ", "zh": "；"}
GAP = {"en": " ", "zh": ""}

Translate = Callable[[str], str]
Guard = Callable[[str], str]


@cache
def _words(language: str) -> NullTranslations:
    if language not in FOLDERS:
        return NullTranslations()
    return translation(DOMAIN, CATALOGUE, [FOLDERS[language]])


def translated(message: str, language: str | None) -> str:
    """Return a text of the engine in a language, its places unfilled; English where it has no other words.

    >>> translated("Cross-validation", "zh-hans"), translated("Cross-validation", "en")
    ('交叉验证', 'Cross-validation')
    """
    return _words(language_of(language)).gettext(message) if message else ""


@cache
def _reworded() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(REWORDED.read_text(encoding="utf-8"))
    return found


def told(message: str, params: Mapping[str, Any], *, translate: Translate, language: str, guard: Guard = str) -> str:
    """Translate a sentence and fill its places; one in a place is told too, and a list is joined.

    Parameters
    ----------
    message : the key. params : what goes into its places.
    translate : returns a key in the reader's language. language : ``zh`` or ``en``, whose marks join a list.
    guard : what each text goes through before it is shown, such as masking.

    Examples
    --------
    >>> told("left aside: %(others)s", {"others": ["a", "b"]}, translate=str, language="en")
    'left aside: a, b'
    """

    def plain(value: Any) -> Any:
        if isinstance(value, Sentence):
            value = value.to_dict()
        if isinstance(value, Mapping):
            within = value.get("params") or {}
            return told(value.get("message", ""), within, translate=translate, language=language, guard=guard)
        if isinstance(value, list | tuple):
            between = SEMICOLON if any(isinstance(part, Mapping | Sentence) for part in value) else COMMA
            return between[language].join(str(plain(part)) for part in value)
        if not isinstance(value, str):
            return value
        # Chinese sets no space before the sign.
        return guard(value).replace(" %", "%") if language == "zh" else guard(value)

    sentence = translate(_reworded().get(message, message)) if message else ""
    # A text without places may hold a bare per cent sign; one that was made for places holds it twice.
    is_made_for_places = params or "%%" in sentence
    return filled(sentence, {name: plain(value) for name, value in params.items()}) if is_made_for_places else sentence


@dataclass(frozen=True)
class Sentence:
    """One sentence, and those that follow it.

    Parameters
    ----------
    message : the English sentence with ``%(name)s`` places, which is also the key of its translation.
    params : what goes into the places: numbers and texts as they are shown, lists, or sentences again.
    also : what is said after it.

    Examples
    --------
    >>> rows = Sentence("%(count)s rows", {"count": 1})
    >>> str(rows), Sentence.from_dict(rows.to_dict()) == rows
    ('1 row', True)
    """

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    also: tuple["Sentence", ...] = ()

    def __str__(self) -> str:
        return self.text("en")

    def __bool__(self) -> bool:
        return bool(self.message)

    def __iter__(self) -> Iterator["Sentence"]:
        """Yield each sentence alone, in the order in which they are said."""
        if self.message:
            yield Sentence(self.message, self.params)
        for one in self.also:
            yield from one

    def text(self, language: str | None, named: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict) -> str:
        """Return all that is said, in a language; ``named`` gives codes in the places the names that people know."""
        reader = language_of(language)
        parts = (
            told(one.message, named(one.params), translate=lambda key: translated(key, reader), language=reader)
            for one in self
        )
        return GAP[reader].join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is stored: ``{"message", "params"}``, and ``also`` where something follows."""
        stored: dict[str, Any] = {"message": self.message, "params": _stored(dict(self.params))}
        return stored | ({"also": [one.to_dict() for one in self.also]} if self.also else {})

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self:
        """Return what was stored; an empty sentence where nothing was."""
        found = stored or {}
        return cls(
            found.get("message") or "",
            found.get("params") or {},
            tuple(Sentence.from_dict(one) for one in found.get("also") or ()),
        )


def _stored(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _stored(one) for name, one in value.items()}
    return [_stored(one) for one in value] if isinstance(value, list | tuple) else value
