"""Makes the names of a table's columns tidy and different, and keeps what they were as labels."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from experiments.data.reading_notes import Note
from experiments.errors import gettext_noop
from experiments.privacy.masking import holds_a_person
from experiments.privacy.personal_patterns import is_label

LONGEST_NAME = 200
# What columns without a name are called.
NAMELESS = re.compile(r"column_\d+(_\d+)?")
# Stands for a name of a column that is the name of a person, until the column gets one of its own.
PERSON = "\ue000"
RENAMED_DUPLICATE = gettext_noop("Several columns are called %(name)s; the later ones were renamed %(names)s.")
NAMED_EMPTY = gettext_noop("%(count)s columns have no name and are called %(names)s.")
VALUES_AS_NAMES = gettext_noop(
    "%(count)s column names are personal data, so these columns were renamed: %(names)s. If the names are in "
    "another line, say which and read the file again."
)


def tidy_names(header: Sequence[str]) -> tuple[list[str], list[Note]]:
    """Return unique names and what was changed: NFC, trimmed, empty ones ``column_7``, repeated ones with ``_2``.

    A name that is itself personal data, such as a phone number, is dropped like an empty one.
    """
    tidied = [_tidy_name(field) for field in header]
    labels = ["" if _is_a_person(label) else label for label in tidied]
    taken = {label for label in labels if label}
    empty: list[str] = []
    personal: list[str] = []
    names: list[str] = []
    met: set[str] = set()
    repeats: dict[str, list[str]] = {}
    for position, label in enumerate(labels, start=1):
        name = label
        if not label:
            name = _free_name(f"column_{position}", taken)
            (personal if tidied[position - 1] else empty).append(name)
        elif label in met:
            made = repeats.setdefault(label, [])
            name = _free_name(label, taken, number=len(made) + 2)
            made.append(name)
        met.add(name)
        taken.add(name)
        names.append(name)
    notes = [Note(RENAMED_DUPLICATE, {"name": label, "names": some_names(made)}) for label, made in repeats.items()]
    if empty:
        notes.append(Note(NAMED_EMPTY, {"count": len(empty), "names": some_names(empty)}))
    if personal:
        words = {"count": len(personal), "names": some_names(personal)}
        notes.append(Note(VALUES_AS_NAMES, words, "warning"))
    return names, notes


def keep_names(names: Sequence[str], kept: Mapping[int, str]) -> list[str]:
    """Return the names, with the former ones of columns with personal data where the new one may itself be a value.

    Examples
    --------
    >>> keep_names(["蹇子墨", "41", "手机号"], {0: "姓名", 2: "手机"})
    ['姓名', '41', '手机号']
    """
    new = list(names)
    for place, name in kept.items():
        if name not in names and not is_label(names[place]):
            new[place] = name
    return new


def labels_of(header: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the names as they stand in the file, without those that are left out."""
    return [
        label if (tidied := _tidy_name(label)) and _is_named_after(name, tidied) else name
        for label, name in zip(header, names, strict=True)
    ]


def _is_named_after(name: str, tidied: str) -> bool:
    """Return whether a column has a name of the file, or that with a number for a name that stands there again."""
    return name == tidied or (name.startswith(f"{tidied}_") and name[len(tidied) + 1 :].isdecimal())


def _is_a_person(label: str) -> bool:
    """Return whether the name of a column is that of a person, or holds a number or an e-mail address of one."""
    return label == PERSON or holds_a_person(label)


def _tidy_name(field: str) -> str:
    """Return a name without line breaks and doubled spaces, not too long."""
    text = unicodedata.normalize("NFC", field).replace("\ufeff", "").replace("\u3000", " ")
    text = re.sub(r'^="(.*)"$', r"\1", text.strip())
    printable = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    return " ".join(printable.split())[:LONGEST_NAME]


def _free_name(name: str, taken: set[str], number: int = 2) -> str:
    if name not in taken and name.startswith("column_"):
        return name
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def some_names(names: Sequence[str]) -> str:
    """Return the first names of a list, to be read in a sentence."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else shown + ", …"
