"""A password may not contain the name of the person it belongs to."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.attempts import folded

# Shorter ones stand in many innocent words; a Chinese name is whole with two characters.
FEWEST_LETTERS, FEWEST_IDEOGRAPHS = 3, 2
LOOKALIKES = str.maketrans("013457@$!|", "oleastasll")


class NameNotInPasswordValidator:
    """Refuses both names of a person in any case, width and punctuation, backwards, and with digits for letters."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is not None and any(_contains(password, name) for name in _names_of(user)):
            raise ValidationError(_("The password contains the name. Choose one that does not."), code="contains_name")

    def get_help_text(self) -> str:
        return _("The password may not contain the name.")


def _names_of(user: Any) -> set[str]:
    """Return the names as wholes and, where they have several parts, each part that is long enough."""
    found = set()
    for name in (user.username, user.display_name):
        parts = re.split(r"[\W_]+", unicodedata.normalize("NFKC", name or ""))
        found |= {letters for letters in map(_letters, ["".join(parts), *parts]) if _is_long_enough(letters)}
    return found


def _contains(password: str, name: str) -> bool:
    typed = _letters(password)
    seen_as = ((typed, name), (typed.translate(LOOKALIKES), name.translate(LOOKALIKES)),
               (_letters(folded(password).translate(LOOKALIKES)), name.translate(LOOKALIKES)))  # fmt: skip
    return any(part in text for text, whole in seen_as for part in (whole, whole[::-1]))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", folded(text))


def _is_long_enough(name: str) -> bool:
    return len(name) >= (FEWEST_LETTERS if name.isascii() else FEWEST_IDEOGRAPHS)
