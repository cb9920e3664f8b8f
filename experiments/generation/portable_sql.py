"""Pieces of SQL that every database reads alike, for the kinds of generated features that have an expression."""


def clipped(value: str) -> str:
    """Return a value within the bounds that Python keeps it in."""
    return f"CASE WHEN {value} > 1e30 THEN 1e30 WHEN {value} < -1e30 THEN -1e30 ELSE {value} END"


def mean(values: list[str]) -> str:
    """Return the mean of the filled cells, NULL where there are none."""
    # Column after column, as in Python: another order of adding could fall on the other side of an edge.
    total = " + ".join(f"COALESCE({value}, 0e0)" for value in values)
    count = " + ".join(f"CASE WHEN {value} IS NULL THEN 0e0 ELSE 1e0 END" for value in values)
    return f"({total}) / NULLIF({count}, 0e0)"


def spread(values: list[str]) -> str:
    """Return the standard deviation of the filled cells."""
    middle = mean(values)
    return f"SQRT({mean([f'({value} - {middle}) * ({value} - {middle})' for value in values])})"


def largest(values: list[str]) -> str:
    """Return the largest of the filled cells; GREATEST is not everywhere, and differs about NULL."""
    return _first_that(values, ">=")


def smallest(values: list[str]) -> str:
    """Return the smallest of the filled cells."""
    return _first_that(values, "<=")


def _first_that(values: list[str], comparison: str) -> str:
    cases = [
        f"WHEN {' AND '.join(f'{one} {comparison} COALESCE({other}, {one})' for other in values)} THEN {one}"
        for one in values
    ]
    return f"CASE {' '.join(cases)} END"
