"""What a change of a card is called: sentences whose trends and treatments are named in the reader's words."""

from collections.abc import Collection

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.templatetags.formatting import told
from experiments.errors import gettext_noop
from experiments.sentence import Sentence

TRENDS = {
    "auto": pgettext_lazy("trend of event rates", "Automatic"),
    "ascending": pgettext_lazy("trend of event rates", "Rising"),
    "descending": pgettext_lazy("trend of event rates", "Falling"),
    "valley": pgettext_lazy("trend of event rates", "Falling, then rising"),
    "peak": pgettext_lazy("trend of event rates", "Rising, then falling"),
    "none": pgettext_lazy("trend of event rates", "Any"),
}
WANTED = {
    "auto": _("On the card if predictive enough"),
    "in": _("Always on the card"),
    "out": _("Left out"),
}
BANDS = {
    "none": _("not predictive"), "weak": _("weak"), "medium": _("medium"), "strong": _("strong"),
    "suspicious": _("suspiciously strong"),
}  # fmt: skip
TREATMENTS = {
    "own": _("Own weight of evidence"), "neutral": _("Neutral (weight 0)"), "worst": _("As the least favourable bin"),
}  # fmt: skip


NOT_TOLD = gettext_noop("%(column)s: changed; its values are sensitive and not shown")


def change_in_words(sentence: Sentence, secret: Collection[str] = ()) -> str:
    """Return what a change did, its trend and treatment by their names; of a secret column not which values it met."""
    if sentence.params.get("column") in secret:
        return told(NOT_TOLD, {"column": sentence.params["column"]})
    names = {"trend": TRENDS, "treatment": TREATMENTS}
    params = {
        name: str(names[name].get(str(value), value)) if name in names else value
        for name, value in sentence.params.items()
    }
    return told(sentence.message, params)


def bin_in_words(kind: str, label: str) -> str:
    """Return the label of a bin, that of empty cells and of rare levels in the reader's words."""
    words = {"missing": gettext("missing"), "other": gettext("others")}
    return words.get(kind, label) if label == kind else label
