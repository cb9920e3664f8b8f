"""The kinds of question: one file each, and one line in this table."""

from experiments.kinds.attrition import ATTRITION
from experiments.kinds.conversion import CONVERSION
from experiments.kinds.default import DEFAULT
from experiments.kinds.kind import Kind, KindWords
from experiments.kinds.response import RESPONSE

KINDS: dict[str, Kind] = {kind.name: kind for kind in (RESPONSE, CONVERSION, DEFAULT, ATTRITION)}

__all__ = ["KINDS", "Kind", "KindWords"]
