"""The command line of the engine: fit, score, compare, explain, report, sql, export."""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from experiments.errors import gettext_noop
from experiments.kinds import KINDS
from experiments.spec import ASKED, SPLIT_SETTINGS

_STARTED = time.monotonic()
STOPPED = gettext_noop("Stopped.")
LIMIT_OPTIONS = {
    "--ks-gap": "ks_gap", "--ks-gap-share": "ks_gap_share", "--score-psi": "score_psi",
    "--most-columns": "features", "--milliseconds": "milliseconds",
}  # fmt: skip

# The names of ``experiments.exports.formats``, which would take a second to load.
EXPORT_FORMATS = ("bundle", "sql", "onnx", "pmml", "mlflow")

# Where nobody names a scheme, a split column does.
MORE_OF_SPLIT: dict[str, dict[str, Any]] = {
    "scheme": {"default": None},
    "split_column": {"metavar": "COL"},
    "held_out_from": {"metavar": "DAY"},
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 with one sentence when the input cannot be used."""
    options = _parser().parse_args(arguments)
    from experiments.console.commands import COMMANDS
    from experiments.console.voice import Voice
    from experiments.errors import ExperimentError

    voice = Voice(getattr(options, "language", "en"))
    try:
        return COMMANDS[options.command](options, _STARTED)
    except ExperimentError as error:
        print(voice.tell(error.sentence), file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print(voice.word(STOPPED), file=sys.stderr)  # noqa: T201
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_fit(commands.add_parser("fit", help="train a model on a table"))
    score = commands.add_parser("score", help="score the rows of a file with a model")
    score.add_argument("model", metavar="MODEL_DIR")
    score.add_argument("rows", metavar="ROWS")
    score.add_argument(
        "--out", required=True, metavar="SCORES.csv",
        help="or SCORES.xlsx, in which IDs are text; IDs are kept as in ROWS, but in CSV with a quote (') before any "
        "that a spreadsheet would run as a formula",
    )  # fmt: skip
    score.add_argument("--reasons", type=int, default=4, metavar="N", help="reasons per row (default 4)")
    _add_language(score)
    _add_reading(score)
    _add_compare(commands.add_parser("compare", help="compare models on the same labelled rows"))
    _add_explain(commands.add_parser("explain", help="explain the score of one customer, and what would change it"))
    report = commands.add_parser("report", help="write the validation report of a model")
    report.add_argument("model", metavar="MODEL_DIR")
    report.add_argument("--out", required=True, metavar="FILE")
    report.add_argument("--format", choices=("html", "docx", "xlsx", "pdf"), default="html")
    _add_language(report)
    sql = commands.add_parser("sql", help="print a scorecard as one SQL statement")
    sql.add_argument("model", metavar="MODEL_DIR")
    sql.add_argument("--table", required=True, metavar="NAME", help="table to score, as TABLE or SCHEMA.TABLE")
    _add_language(sql)
    sql.add_argument("--dialect", choices=("generic", "postgres", "mysql"), default="generic")
    sql.add_argument(
        "--typed-numbers", action="store_true",
        help="numeric columns are numeric in the table too: a shorter statement that reads no text as numbers",
    )  # fmt: skip
    export = commands.add_parser("export", help="write a model in another format, proven to score alike")
    export.add_argument("model", metavar="MODEL_DIR")
    export.add_argument("--format", required=True, choices=EXPORT_FORMATS)
    export.add_argument("--dialect", default="", help="of sql: one of postgresql, mysql, hive, spark, oracle; else all")
    export.add_argument("--out", required=True, metavar="FILE.zip")
    _add_language(export)
    _add_card(commands.add_parser("card", help="list the bins of a scorecard, change them, and fit it anew"))
    return parser


def _add_card(card: argparse.ArgumentParser) -> None:
    card.add_argument("model", metavar="MODEL_DIR", help="a scorecard; alone, its bins are listed")
    card.add_argument("--train", metavar="TRAIN", help="file that the scorecard was trained on")
    card.add_argument(
        "--edits", metavar="EDITS.json",
        help='list of changes, with the fields of the API: [{"act": "merge", "column": "age", "bin": 0}, {"act": '
        '"split", "column": "age", "bin": 1, "at": 30}, {"act": "move", "column": "age", "bin": 0, "to": 25}, {"act": '
        '"treat", "column": "age", "bin": 4, "treatment": "neutral"}, {"act": "want", "column": "job", "wanted": '
        '"out"}]; also trend, order, scale and limits; bins count from 0',
    )  # fmt: skip
    card.add_argument("--out", metavar="NEW_MODEL_DIR", help="fit the card as edited and save it there")
    card.add_argument("--work-dir", metavar="DIR", help="count there how often the rows set aside were read")
    _add_language(card)
    _add_reading(card)


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument(
        "models", metavar="MODEL_DIR", nargs="+", help="two to four; the others are compared with the first"
    )
    compare.add_argument("rows", metavar="ROWS", help="labelled rows that none of the models was trained on")
    compare.add_argument("--target", required=True, metavar="COL", help="column of ROWS with the outcome")
    compare.add_argument(
        "--event", metavar="VALUE", help="value that counts as the event (default: that of the first model)"
    )
    compare.add_argument("--time", metavar="COL", help="column of dates, for the numbers by month")
    compare.add_argument("--amount", metavar="COL", help="column of amounts; its mean is given for swapped customers")
    compare.add_argument(
        "--cut-by", nargs="+", action="extend", metavar="COL", help="columns by which swapped customers are broken down"
    )
    compare.add_argument("--out", metavar="FILE.json|FILE.html", help="write all results there, swap sets included")
    _add_language(compare)
    _ask(compare, "--contact-share", "contact_share")
    _ask(compare, "--seed", "seed")
    _add_reading(compare)


def _add_explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("model", metavar="MODEL_DIR")
    explain.add_argument("rows", metavar="ROWS", help="CSV, Excel or Parquet file that the customer is in")
    explain.add_argument(
        "--row", required=True, metavar="ID", help="of the customer; for a model without IDs, the row number, from 1"
    )
    explain.add_argument(
        "--what-if", action="append", default=[], metavar="COL=VALUE", dest="what_if",
        help="also score the customer with another value; may be given several times",
    )  # fmt: skip
    explain.add_argument(
        "--changeable", nargs="+", action="extend", default=[], metavar="COL",
        help="columns a customer can change: print the smallest change that passes --cut-off",
    )  # fmt: skip
    explain.add_argument("--cut-off", type=float, metavar="P", dest="cut_off", help="probability that decides")
    _add_language(explain)
    explain.add_argument("--out", metavar="EXPLANATION.json", help="write all numbers there")
    _add_reading(explain)


def _add_fit(fit: argparse.ArgumentParser) -> None:
    fit.add_argument("table", metavar="TRAIN", help="CSV, Excel or Parquet file")
    _add_question(fit)
    _ask(fit, "--budget", "seconds", metavar="SECONDS")
    _ask(fit, "--trials", "trials")
    fit.add_argument("--out", required=True, metavar="MODEL_DIR")
    for role in ("id", "time", "group", "weight"):
        fit.add_argument(f"--{role}", metavar="COL")
    _add_validation(fit)
    _add_reading(fit)
    _add_columns(fit)
    fit.add_argument(
        "--learners", nargs="+", action="extend", metavar="NAME", help="algorithms to search (default all)"
    )
    fit.add_argument("--single", action="store_true", help="keep the recommended single model, not the ensemble")
    _ask(fit, "--seed", "seed")
    _ask(fit, "--contact-share", "contact_share")
    _ask(fit, "--event-name", "event_name", metavar="WORD")
    _ask(fit, "--non-event-name", "non_event_name", metavar="WORD")
    fit.add_argument(
        "--work-dir", metavar="DIR",
        help="keep the trials here; a run that was killed, or is given more time, continues from them",
    )  # fmt: skip
    _ask(fit, "--explainable-first", "explainable_first")
    _add_language(fit)
    _add_limits(fit)


def _add_question(fit: argparse.ArgumentParser) -> None:
    what = fit.add_mutually_exclusive_group(required=True)
    what.add_argument("--target", metavar="COL")
    what.add_argument(
        "--replay", metavar="MODEL_DIR|TRIALS.json",
        help="repeat the run that made a model, or whose list of trials was exported, bit for bit",
    )  # fmt: skip
    what.add_argument(
        "--settings", metavar="TRIALS.json",
        help="search again with all the settings of an exported list of trials",
    )  # fmt: skip
    fit.add_argument("--event", metavar="VALUE", help="value that counts as the event (default: the rarer one)")
    fit.add_argument(
        "--kind",
        choices=ASKED["kind"].choices,
        default=ASKED["kind"].default,
        help="; ".join(f"{kind.name}: {kind.question}" for kind in KINDS.values()) + " (default %(default)s)",
    )


def _add_columns(fit: argparse.ArgumentParser) -> None:
    fit.add_argument("--exclude", nargs="+", action="extend", default=[], metavar="COL", help="columns not to use")
    fit.add_argument(
        "--monotone", nargs="+", action="extend", default=[], metavar="COL=+|-",
        help="columns with which the probability of the event may only rise (+) or only fall (-)",
    )  # fmt: skip
    _ask(fit, "--features", "feature_effort")
    _ask(fit, "--derived-on-card", "derived_on_card")
    fit.add_argument(
        "--protected", nargs="+", action="extend", default=[], metavar="COL",
        help="columns never given as a reason, besides those that look like sex, age, origin and so on",
    )  # fmt: skip
    fit.add_argument(
        "--not-protected", nargs="+", action="extend", default=[], metavar="COL",
        help="columns that only look protected: they may be given as reasons",
    )  # fmt: skip
    _ask(fit, "--without-protected", "without_protected")


def _add_limits(fit: argparse.ArgumentParser) -> None:
    limits = fit.add_argument_group("limits", "limits that the recommended model must meet; none sets no limit")
    for option, name in LIMIT_OPTIONS.items():
        # Left out, a limit is the house's; a number of one's own holds as it stands.
        _ask(limits, option, name, default=argparse.SUPPRESS)


def _ask(command: Any, option: str, name: str, **more: Any) -> None:
    """Add an option as the engine's schema has it: its default, its choices and what is said of it."""
    one = ASKED[name]
    usual = "" if one.default in (None, "", False) else f" (default {one.default:g})" if one.numbers else (
        f" (default {one.default})"
    )  # fmt: skip
    more = {"dest": name, "default": one.default, "help": one.told.replace("%", "%%") + usual} | more
    if one.default is False:
        command.add_argument(option, action="store_true", **more)
    elif one.choices:
        command.add_argument(option, choices=one.choices, **more)
    elif one.numbers is None:
        command.add_argument(option, **more)
    else:
        number = int if one.numbers.is_whole else float
        read = partial(_number_or_none, number) if one.numbers.may_be_empty else number
        command.add_argument(option, type=read, **{"metavar": "N" if one.numbers.is_whole else "NUMBER"} | more)


def _add_language(command: argparse.ArgumentParser) -> None:
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of what is printed and written")


def _number_or_none(number: Callable[[str], float], text: str) -> float | None:
    return None if text.lower() == "none" else number(text)


def _add_reading(command: argparse.ArgumentParser) -> None:
    reading = command.add_argument_group("how the file is read", "whatever is not given is detected from the file")
    reading.add_argument("--encoding", metavar="NAME", help="utf-8, gb18030, windows-1252 and so on")
    reading.add_argument(
        "--delimiter", metavar="MARK", help="what separates the cells of a text file, such as , or ; or tab"
    )
    reading.add_argument("--decimal", choices=(".", ","), help="the decimal mark")
    reading.add_argument("--header-line", type=int, metavar="N", help="line of the column names; 0 if there are none")
    reading.add_argument("--sheet", metavar="NAME", help="sheet of a workbook")
    reading.add_argument("--keep-totals", action="store_true", help="keep rows that hold totals, not customers")
    reading.add_argument("--replace-broken", action="store_true", help="replace broken characters and count them")


def _add_validation(fit: argparse.ArgumentParser) -> None:
    fit.add_argument(
        "--performance-months", type=int, metavar="N",
        help="performance window in months; months whose window has not closed are left out",
    )  # fmt: skip
    fit.add_argument(
        "--known-until", metavar="DAY",
        help="day until which outcomes are known, such as 2025-06-30 (default: the last day of the newest month)",
    )  # fmt: skip
    for name in SPLIT_SETTINGS:
        _ask(fit, f"--{name.replace('_', '-')}", name, **MORE_OF_SPLIT.get(name, {}))
    _ask(fit, "--ranking", "ranking")
    _ask(fit, "--population-rate", "population_rate")
    _ask(fit, "--response-column", "response_column", metavar="COL")
    _ask(fit, "--response-event", "response_event", metavar="VALUE")


if __name__ == "__main__":
    sys.exit(main())
