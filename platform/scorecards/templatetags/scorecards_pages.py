"""Pieces of the pages of edited scorecards: what was done, in the reader's words."""

from django import template

from experiments.sentence import Sentence
from scorecards.words import change_in_words

register = template.Library()


@register.filter
def card_sentence(sentence: Sentence) -> str:
    """Say what a change did."""
    return change_in_words(sentence)
