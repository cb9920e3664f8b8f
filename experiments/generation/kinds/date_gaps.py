"""Days between two dates."""

from itertools import combinations

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs

_PHRASE = {"en": "days from %(b)s to %(a)s", "zh": "%(b)s至%(a)s的天数"}
_MOST_DATES = 8


class DateGaps:
    """The usually later date minus the usually earlier one, in days."""

    name = "date_gap"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each pair of dates."""
        dates = [name for name in inputs.of_type("date") if not np.isnan(inputs.columns.days(name)).all()]
        middle = {name: float(np.nanmedian(inputs.columns.days(name))) for name in dates}
        pairs = [sorted(pair, key=lambda name: -middle[name]) for pair in combinations(dates[:_MOST_DATES], 2)]
        return [GeneratedFeature(f"{late} − {early}", self.name, [late, early], _PHRASE) for late, early in pairs]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return whole and broken days."""
        late, early = feature.sources
        return columns.days(late) - columns.days(early)
