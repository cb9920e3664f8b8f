"""The leaderboard as aligned text."""

from typing import Any

from experiments.console.voice import Voice, left, places, right
from experiments.errors import gettext_noop
from experiments.house_rules import has_too_few, too_few
from experiments.naming import SAMPLES

MODEL = gettext_noop("model")
INTERVAL = gettext_noop("95%% interval")
LIFT = gettext_noop("lift")
UNSEEN = {
    "out_of_time": gettext_noop("AUC out of time (interval)"),
    "held_out": gettext_noop("AUC held out (interval)"),
}
USED = {
    "out_of_time": gettext_noop("Out-of-time rows used: %(times)s×."),
    "held_out": gettext_noop("Held-out rows used: %(times)s×."),
}
TOO_FEW_IN = gettext_noop("%(sample)s. %(why)s")
NONE_FOUND = gettext_noop("– (too few)")
NOT_JUDGED = gettext_noop("[%(value)s] too few")
RECOMMENDED = gettext_noop("Recommended: %(candidate)s. %(why)s")
DROPPED = gettext_noop("%(learner)s: %(why)s")
EN = Voice()


def leaderboard_text(result: Any, voice: Voice = EN) -> str:
    """Return the leaderboard as aligned text, with intervals, cross-validation beside held-out rows."""
    sample = "out_of_time" if result.split["held_out_kind"] == "out_of_time" else "held_out"
    name = voice.word(MODEL)
    width = max(places(name), *(len(row.candidate) for row in result.finalists))
    lines = [
        "",
        voice.tell_stored(result.split["description"]),
        *map(voice.tell_stored, result.split["notes"]),
        "",
        f"   #  {left(name, width)} {'AUC':>6} {right(voice.say(INTERVAL), 15)} {'KS':>6} {'Gini':>6}"
        f" {right(voice.word(LIFT), 6)} {'logloss':>8} {'Brier':>6}   {voice.word(UNSEEN[sample])}",
    ]
    for row in result.finalists:
        lines.append(_leaderboard_line(row, sample, width, voice))
    lines += _too_few_lines(result.finalists[0].metrics, sample, voice)
    chosen = next(row for row in result.finalists if row.is_recommended)
    why = voice.tell_stored(chosen.reason)
    return "\n".join(
        [*lines, "", *_ended_early(result.ended_early, voice),
         voice.say(RECOMMENDED, candidate=chosen.candidate, why=why),
         voice.say(USED[sample], times=result.out_of_time_readings)]
    )  # fmt: skip


def _ended_early(found: dict[str, Any] | None, voice: Voice) -> list[str]:
    """Say of a search that was ended on request what was dropped, and why."""
    if found is None:
        return []
    dropped = [
        f"  {voice.say(DROPPED, learner=entry['learner'], why=voice.tell_stored(entry))}" for entry in found["dropped"]
    ]
    return [voice.tell_stored(found), *dropped, ""]


def _leaderboard_line(row: Any, sample: str, width: int, voice: Voice) -> str:
    valid, held = row.metrics["validation"], row.metrics[sample]

    def value(name: str, digits: int) -> str:
        found = valid[name]["value"]
        return "–" if found is None else f"{found:.{digits}f}"

    mark = "→" if row.is_recommended else "=" if row.is_tie else " "
    return (
        f" {mark} {row.rank}  {row.candidate:<{width}} {value('auc', 4)} {_interval(valid['auc']):>15} {value('ks', 4)}"
        f" {value('gini', 4)} {value('lift', 2):>6} {value('log_loss', 4):>8} {value('brier', 4)}"
        f"   {_held_out(held, voice)}"
    )


def _held_out(held: dict[str, Any], voice: Voice) -> str:
    """Return the AUC on held-out rows; in brackets, as in grey, where nothing may be concluded from it."""
    found = held["auc"]
    if found["value"] is None:
        return voice.word(NONE_FOUND)
    shown = f"{found['value']:.4f} ({_interval(found)})"
    return voice.say(NOT_JUDGED, value=shown) if has_too_few(held) else shown


def _too_few_lines(metrics: dict[str, Any], sample: str, voice: Voice) -> list[str]:
    """Warn of each sample that is too small to conclude anything from."""
    lines = []
    for name in ("validation", sample):
        if has_too_few(metrics[name]):
            counts = metrics[name]["counts"]
            why = voice.tell_stored(too_few(counts["rows"], counts["events"]))
            lines.append(voice.say(TOO_FEW_IN, sample=voice.word(SAMPLES[name]), why=why))
    return ["", *lines] if lines else []


def _interval(metric: dict[str, Any]) -> str:
    return "–" if metric["low"] is None else f"{metric['low']:.4f}–{metric['high']:.4f}"
