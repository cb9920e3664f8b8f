"""Generated columns as SQL expressions, for the kinds of them that every database can compute."""

from collections.abc import Callable

from experiments.generation.feature import GeneratedFeature


def generated_sql(feature: GeneratedFeature, number_of: Callable[[str], str]) -> str | None:
    """Return the expression that computes a generated column, None where it has none in portable SQL.

    Parameters
    ----------
    number_of : gives the expression of a source column as a double, NULL where it is empty or a special value.
    """
    make = _KINDS.get(feature.kind)
    return make(feature, [number_of(name) for name in feature.sources]) if make else None


def _ratio(feature: GeneratedFeature, sources: list[str]) -> str:
    return _clipped(f"{sources[0]} / NULLIF({sources[1]}, 0e0)")


def _difference(feature: GeneratedFeature, sources: list[str]) -> str:
    return f"{sources[0]} - {sources[1]}"


def _product(feature: GeneratedFeature, sources: list[str]) -> str:
    return _clipped(f"{sources[0]} * {sources[1]}")


def _row_family(feature: GeneratedFeature, sources: list[str]) -> str | None:
    match feature.settings["part"]:
        case "change":
            return f"{sources[-1]} - {sources[0]}"
        case "mean":
            return _mean(sources)
        case "std":
            middle = _mean(sources)
            return f"SQRT({_mean([f'({source} - {middle}) * ({source} - {middle})' for source in sources])})"
        case "max":
            return _extreme(sources, ">=")
        case "min":
            return _extreme(sources, "<=")
    return None


def _mean(values: list[str]) -> str:
    # Column after column, as in Python: another order of adding could fall on the other side of an edge.
    total = " + ".join(f"COALESCE({value}, 0e0)" for value in values)
    count = " + ".join(f"CASE WHEN {value} IS NULL THEN 0e0 ELSE 1e0 END" for value in values)
    return f"({total}) / NULLIF({count}, 0e0)"


def _extreme(sources: list[str], comparison: str) -> str:
    """Return the largest or smallest of the filled cells; GREATEST is not everywhere, and differs about NULL."""
    cases = [
        f"WHEN {' AND '.join(f'{one} {comparison} COALESCE({other}, {one})' for other in sources)} THEN {one}"
        for one in sources
    ]
    return f"CASE {' '.join(cases)} END"


def _clipped(value: str) -> str:
    return f"CASE WHEN {value} > 1e30 THEN 1e30 WHEN {value} < -1e30 THEN -1e30 ELSE {value} END"


_KINDS: dict[str, Callable[[GeneratedFeature, list[str]], str | None]] = {
    "ratio": _ratio,
    "difference": _difference,
    "product": _product,
    "row_family": _row_family,
}
