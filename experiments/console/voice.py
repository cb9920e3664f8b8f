"""The language in which a command speaks: its own sentences, and those of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from unicodedata import east_asian_width

from experiments.naming import named
from experiments.sentence import COMMA, GAP, Sentence, told, translated

WIDE = "WF"


@dataclass(frozen=True)
class Voice:
    """What a command says, in the language it was asked for."""

    language: str = "en"

    def say(self, message: str, **params: Any) -> str:
        """Return a sentence of the command line."""
        return told(message, params, translate=self.word, language=self.language)

    def word(self, text: str) -> str:
        """Return a text without places."""
        return translated(text, self.language)

    def tell(self, sentence: Sentence) -> str:
        """Return a sentence of the engine; algorithms keep the names used on the command line."""
        return sentence.text(self.language, partial(named, translate=self.word, language=self.language, learners=False))

    def tell_stored(self, stored: Mapping[str, Any]) -> str:
        """Return a sentence that was kept with a run."""
        return self.tell(Sentence.from_dict(stored))

    def listed(self, texts: list[str]) -> str:
        return COMMA[self.language].join(texts)

    def in_turn(self, *sentences: str) -> str:
        """Return sentences one after the other."""
        return GAP[self.language].join(sentences)


def left(text: str, width: int) -> str:
    """Return a text filled up to a width on the terminal, where a Chinese character takes two places."""
    return text + " " * (width - places(text))


def right(text: str, width: int) -> str:
    """Return a text moved to the right end of a width on the terminal."""
    return " " * (width - places(text)) + text


def places(text: str) -> int:
    """Return how many places of the terminal a text takes."""
    return sum(2 if east_asian_width(mark) in WIDE else 1 for mark in text)
