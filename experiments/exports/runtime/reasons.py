"""Why a row has its score, told as the model tells it: at most a few columns, none that would contradict itself."""

from typing import Any

import numpy as np

STATES = ("plain", "high", "low", "late", "early", "empty", "yes", "no")
DECIMALS, LEAST_SHARE = 9, 0.05
CONTRARY = np.array(
    [[state in {-1: ("high", "late"), 0: (), 1: ("low", "early")}[trend] for state in STATES] for trend in (-1, 0, 1)]
)
READ_AS = {"numeric": "number", "date": "days", "boolean": "flag"}


class Reasons:
    """Why a row has its score: the columns that raise the probability most, none that would contradict itself."""

    def __init__(self, book: dict[str, Any], table: Any) -> None:
        self.columns, self.direction, self.table = book["columns"], book["direction"], table
        is_near = (book.get("baseline") or {}).get("kind") == "approved"
        self.closing = {"nothing": "nothing_near" if is_near else "nothing", "withheld": "withheld"}
        groups: dict[str, list[int]] = {}
        for place, column in sorted(enumerate(self.columns), key=lambda item: (item[1]["priority"], item[0])):
            groups.setdefault(column["group"], []).append(place)
        self.groups = list(groups.values())
        self.hidden = np.array([column["is_withheld"] for column in self.columns], dtype=bool)

    def told(self, phi: np.ndarray, n: int) -> list[list[str]]:
        """Return the reasons of each row."""
        references = np.array([column["reference"] for column in self.columns])
        adverse = np.round((phi - references) * self.direction, DECIMALS)
        states = self._states(len(phi))
        return [self._of_row(parts, cells, n) for parts, cells in zip(adverse, states, strict=True)]

    def _of_row(self, parts: np.ndarray, states: np.ndarray, n: int) -> list[str]:
        found = []
        for group in self.groups:
            total = parts[group[0]]
            for place in group[1:]:
                total += parts[place]
            speaker = group[int(np.argmax(np.where(self.hidden[group], -np.inf, parts[group])))]
            found.append((max(float(np.round(total, DECIMALS)), 0.0), group[0] if len(group) == 1 else speaker))
        is_open = [
            mass > 0 and not all(self.hidden[group]) for (mass, _), group in zip(found, self.groups, strict=True)
        ]
        least = LEAST_SHARE * sum(mass for (mass, _), yes in zip(found, is_open, strict=True) if yes)
        given = [
            place
            for place, (mass, speaker) in enumerate(found)
            if is_open[place] and mass >= least and not self._contradicts(speaker, states[speaker])
        ]
        plainly = not given
        if not given and any(is_open):
            given = [
                max((place for place, yes in enumerate(is_open) if yes), key=lambda place: (found[place][0], -place))
            ]
        if not given:
            return self._single(parts, states)
        best = sorted(given, key=lambda place: -found[place][0])[:n]
        return [self._say(found[place][1], states, plainly=plainly) for place in best]

    def _single(self, parts: np.ndarray, states: np.ndarray) -> list[str]:
        """Return the one column that does most where no group does, or why there is none."""
        open_parts = np.where(self.hidden, -np.inf, parts)
        best = int(np.argmax(open_parts)) if len(parts) else -1
        if best >= 0 and open_parts[best] > 0:
            return [self._say(best, states, plainly=True)]
        return [self.closing["withheld" if (parts > 0).any() else "nothing"]]

    def _say(self, place: int, states: np.ndarray, *, plainly: bool) -> str:
        state = STATES[states[place]]
        return f"{self.columns[place]['name']}: {'plain' if plainly and state in STATES[:5] else state}"

    def _contradicts(self, place: int, state: int) -> bool:
        return bool(CONTRARY[self.columns[place]["trend"] * self.direction + 1, state])

    def _states(self, rows: int) -> np.ndarray:
        states = np.zeros((rows, len(self.columns)), dtype=np.int8)
        for place, column in enumerate(self.columns):
            kind = READ_AS.get(column["type"])
            if kind is None:
                empty = [not level for level in self.table.levels(column["name"])]
                states[:, place] = np.where(empty, STATES.index("empty"), 0)
                continue
            values, own = self.table.values(column["name"], kind), states[:, place]
            high, low = ("late", "early") if kind == "days" else ("high", "low")
            if column["high"] is not None:
                own[values >= column["high"]] = STATES.index(high)
            if column["low"] is not None:
                own[values <= column["low"]] = STATES.index(low)
            own[np.isin(values, column["special_values"])] = 0
            if column["is_flag"]:
                own[values == 1], own[values == 0] = STATES.index("yes"), STATES.index("no")
            own[np.isnan(values)] = STATES.index("empty")
        return states
