"""Month, weekday and age of a date."""

import numpy as np
import pandas as pd

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs

_PHRASES = {
    "month": {"en": "month of %(a)s", "zh": "%(a)s的月份"},
    "weekday": {"en": "weekday of %(a)s", "zh": "%(a)s是星期几"},
    "age": {"en": "days since %(a)s", "zh": "距%(a)s的天数"},
}


class DateParts:
    """Month (1–12), weekday (1 = Monday) and days before the newest date of training."""

    name = "date_part"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return three candidates for each date."""
        candidates = []
        for date in inputs.of_type("date"):
            days = inputs.columns.days(date)
            if np.isnan(days).all():
                continue
            reference = float(np.floor(np.nanmax(days)))
            day = np.datetime64(int(reference), "D")
            texts = {"month": f"month({date})", "weekday": f"weekday({date})", "age": f"{day} − {date}"}
            candidates += [
                GeneratedFeature(
                    text, self.name, [date], _PHRASES[part], settings={"part": part, "reference": reference}
                )
                for part, text in texts.items()
            ]
        return candidates

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the part as a number."""
        days = columns.days(feature.sources[0])
        if feature.settings["part"] == "age":
            return feature.settings["reference"] - days
        whole = np.floor(days)
        if feature.settings["part"] == "weekday":
            return (whole + 3) % 7 + 1  # 1970-01-01 was a Thursday
        dates = pd.DatetimeIndex(pd.to_datetime(pd.Series(whole), unit="D", errors="coerce"))
        return dates.month.to_numpy(dtype=float)
