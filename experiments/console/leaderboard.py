"""The leaderboard as aligned text."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from experiments.house_rules import has_too_few, too_few
from experiments.naming import named
from experiments.sentence import Sentence


def leaderboard_text(result: Any) -> str:
    """Return the leaderboard as aligned text, with intervals, cross-validation beside held-out rows."""
    sample = "out_of_time" if result.split["held_out_kind"] == "out_of_time" else "held_out"
    title = "out of time" if sample == "out_of_time" else "held out"
    width = max(len("model"), *(len(row.candidate) for row in result.finalists))
    lines = [
        "",
        str(Sentence.from_dict(result.split["description"])),
        *(str(Sentence.from_dict(note)) for note in result.split["notes"]),
        "",
        f"   #  {'model':<{width}} {'AUC':>6} {'95 % interval':>15} {'KS':>6} {'Gini':>6} {'lift':>6} {'logloss':>8}"
        f" {'Brier':>6}   AUC {title} (interval)",
    ]
    for row in result.finalists:
        lines.append(_leaderboard_line(row, sample, width))
    lines += _too_few_lines(result.finalists[0].metrics, sample, title)
    chosen = next(row for row in result.finalists if row.is_recommended)
    return "\n".join(
        [*lines, "", *_ended_early(result.ended_early),
         f"Recommended: {chosen.candidate}. {_told(chosen.reason)}",
         f"{title.capitalize()} rows used: {result.out_of_time_readings}×."]
    )  # fmt: skip


def _ended_early(found: dict[str, Any] | None) -> list[str]:
    """Say of a search that was ended on request what was dropped, and why."""
    if found is None:
        return []
    dropped = [f"  {entry['learner']}: {_told(entry)}" for entry in found["dropped"]]
    return [_told(found), *dropped, ""]


def _leaderboard_line(row: Any, sample: str, width: int) -> str:
    valid, held = row.metrics["validation"], row.metrics[sample]

    def value(name: str, digits: int) -> str:
        found = valid[name]["value"]
        return "–" if found is None else f"{found:.{digits}f}"

    mark = "→" if row.is_recommended else "=" if row.is_tie else " "
    return (
        f" {mark} {row.rank}  {row.candidate:<{width}} {value('auc', 4)} {_interval(valid['auc']):>15} {value('ks', 4)}"
        f" {value('gini', 4)} {value('lift', 2):>6} {value('log_loss', 4):>8} {value('brier', 4)}"
        f"   {_held_out(held)}"
    )


def _told(stored: Mapping[str, Any]) -> str:
    """Return a stored sentence in English; algorithms keep the names used on the command line."""
    return Sentence.from_dict(stored).text("en", partial(named, translate=str, language="en", learners=False))


def _held_out(held: dict[str, Any]) -> str:
    """Return the AUC on rows set aside; in brackets, as in grey, where nothing may be concluded from it."""
    found = held["auc"]
    if found["value"] is None:
        return "– (too few)"
    shown = f"{found['value']:.4f} ({_interval(found)})"
    return f"[{shown}] too few" if has_too_few(held) else shown


def _too_few_lines(metrics: dict[str, Any], sample: str, title: str) -> list[str]:
    """Warn of each sample that is too small to conclude anything from."""
    lines = []
    for name, words in (("validation", "Cross-validation"), (sample, title.capitalize())):
        if has_too_few(metrics[name]):
            counts = metrics[name]["counts"]
            lines.append(f"{words}. {_told(too_few(counts['rows'], counts['events']))}")
    return ["", *lines] if lines else []


def _interval(metric: dict[str, Any]) -> str:
    return "–" if metric["low"] is None else f"{metric['low']:.4f}–{metric['high']:.4f}"
