"""Pieces of the pages of edited scorecards: what was done, in the reader's words."""

from collections.abc import Collection

from django import template

from experiments.sentence import Sentence
from scorecards.words import change_in_words

register = template.Library()


@register.filter
def card_sentence(sentence: Sentence, secret: Collection[str] = ()) -> str:
    """Say what a change did; of a secret column not which values it met."""
    return change_in_words(sentence, secret)
