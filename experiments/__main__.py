"""The command line of the engine: fit, score, report, sql."""

import argparse
import sys
import time

from experiments.kinds import KINDS

_STARTED = time.monotonic()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it worked, 2 with one sentence when the input cannot be used."""
    options = _parser().parse_args(arguments)
    from experiments import console
    from experiments.errors import ExperimentError

    try:
        return console.COMMANDS[options.command](options, _STARTED)
    except ExperimentError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)  # noqa: T201
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_fit(commands.add_parser("fit", help="make a model from a table"))
    score = commands.add_parser("score", help="score the rows of a file with a model")
    score.add_argument("model", metavar="MODEL_DIR")
    score.add_argument("rows", metavar="ROWS")
    score.add_argument(
        "--out", required=True, metavar="SCORES.csv",
        help="or SCORES.xlsx, in which ids are texts; ids stand in it as in ROWS, in CSV with a quote (') before one "
        "that a spreadsheet would run as a formula",
    )  # fmt: skip
    score.add_argument("--reasons", type=int, default=4, metavar="N", help="reasons a row (default 4)")
    score.add_argument("--language", choices=("en", "zh"), default="en", help="of the reasons")
    _add_reading(score)
    report = commands.add_parser("report", help="write the validation report of a model as one HTML file")
    report.add_argument("model", metavar="MODEL_DIR")
    report.add_argument("--out", required=True, metavar="REPORT.html")
    report.add_argument("--language", choices=("en", "zh"), default="en")
    sql = commands.add_parser("sql", help="print a scorecard as one SQL statement")
    sql.add_argument("model", metavar="MODEL_DIR")
    sql.add_argument("--table", required=True, metavar="NAME", help="table to score; a schema stands before a dot")
    sql.add_argument("--dialect", choices=("generic", "postgres", "mysql"), default="generic")
    sql.add_argument(
        "--typed-numbers", action="store_true",
        help="all columns of numbers are numeric in the table: a shorter statement, which reads no texts as numbers",
    )  # fmt: skip
    return parser


def _add_fit(fit: argparse.ArgumentParser) -> None:
    fit.add_argument("table", metavar="TRAIN", help="CSV, Excel or Parquet file")
    what = fit.add_mutually_exclusive_group(required=True)
    what.add_argument("--target", metavar="COL")
    what.add_argument(
        "--replay", metavar="MODEL_DIR|TRIALS.json",
        help="repeat the run that made a model, or whose list of trials was exported, to the last bit",
    )  # fmt: skip
    what.add_argument(
        "--settings", metavar="TRIALS.json",
        help="search anew for the question of an exported list of trials, with all its settings",
    )  # fmt: skip
    fit.add_argument("--event", metavar="VALUE", help="value that counts as the event (default: the rarer one)")
    fit.add_argument(
        "--kind",
        choices=tuple(KINDS),
        default="default",
        help="what is asked: who answers, completes, will not pay back, or leaves (default: default)",
    )
    fit.add_argument("--budget", type=float, default=300.0, metavar="SECONDS", help="wall time of it all (default 300)")
    fit.add_argument("--trials", type=int, metavar="N", help="count trials, not seconds: repeatable bit for bit")
    fit.add_argument("--out", required=True, metavar="MODEL_DIR")
    for role in ("id", "time", "group", "weight"):
        fit.add_argument(f"--{role}", metavar="COL")
    _add_validation(fit)
    _add_reading(fit)
    fit.add_argument("--exclude", nargs="+", action="extend", default=[], metavar="COL", help="columns not to use")
    fit.add_argument(
        "--monotone", nargs="+", action="extend", default=[], metavar="COL=+|-",
        help="columns with which the event's probability may only rise (+) or only fall (-)",
    )  # fmt: skip
    fit.add_argument(
        "--features", choices=("off", "standard", "deep"), default="standard",
        help="standard: parts and ages of dates, aggregates of numbered columns, ratios and differences of columns"
        " in the same unit; deep: of any columns, products too (default standard)",
    )  # fmt: skip
    fit.add_argument(
        "--derived-on-card", action="store_true", help="let the scorecard hold derived columns, not only the file's own"
    )
    fit.add_argument(
        "--protected", nargs="+", action="extend", default=[], metavar="COL",
        help="columns that never give a customer's reason, beside those that look like sex, age, origin and so on",
    )  # fmt: skip
    fit.add_argument(
        "--not-protected", nargs="+", action="extend", default=[], metavar="COL",
        help="columns that only look protected: they may give reasons",
    )  # fmt: skip
    fit.add_argument("--without-protected", action="store_true", help="keep protected columns out of the model")
    fit.add_argument(
        "--learners", nargs="+", action="extend", metavar="NAME", help="families of models to search (default all)"
    )
    fit.add_argument("--single", action="store_true", help="keep the recommended single model, not the ensemble")
    fit.add_argument("--seed", type=int, default=1, metavar="N")
    fit.add_argument(
        "--work-dir", metavar="DIR",
        help="keep the trials here; a run that was killed, or is given more time, goes on from them",
    )  # fmt: skip
    fit.add_argument("--explainable-first", action="store_true", help="prefer the scorecard when it is within 0.01 AUC")


def _add_reading(command: argparse.ArgumentParser) -> None:
    reading = command.add_argument_group("how the file is read", "what is left out is found out from the file")
    reading.add_argument("--encoding", metavar="NAME", help="utf-8, gb18030, windows-1252 and so on")
    reading.add_argument("--delimiter", metavar="MARK", help="what parts the cells of a text, such as , or ; or tab")
    reading.add_argument("--decimal", choices=(".", ","), help="what begins the fraction of a number")
    reading.add_argument("--header-line", type=int, metavar="N", help="line of the column names; 0: there are none")
    reading.add_argument("--sheet", metavar="NAME", help="sheet of a workbook")
    reading.add_argument("--keep-totals", action="store_true", help="keep rows that hold totals and no customer")
    reading.add_argument("--replace-broken", action="store_true", help="replace broken characters and count them")


def _add_validation(fit: argparse.ArgumentParser) -> None:
    fit.add_argument(
        "--performance-months", type=int, metavar="N",
        help="months that customers are watched for the event; months whose window is not closed are left out",
    )  # fmt: skip
    fit.add_argument(
        "--known-until", metavar="DAY",
        help="day until which outcomes are known, such as 2025-06-30 (default: the last day of the newest month)",
    )  # fmt: skip
    fit.add_argument(
        "--scheme", choices=("auto", "stratified", "grouped", "time", "given"),
        help="how rows are set aside (default auto, or given with --split-column)",
    )  # fmt: skip
    fit.add_argument("--split-column", metavar="COL", help="column that says train, validation or test")
    fit.add_argument(
        "--embargo-days", type=int, default=0, metavar="N", help="days left out before rows that are validated on"
    )
    fit.add_argument("--folds", type=int, default=5, metavar="N", help="folds of the cross-validation (default 5)")
    fit.add_argument(
        "--population-rate", type=float, metavar="SHARE",
        help="event rate of the population, where the table was sampled by outcome",
    )  # fmt: skip
    fit.add_argument("--response-column", metavar="COL", help="who responded, for a conversion that follows a response")
    fit.add_argument("--response-event", metavar="VALUE", help="value of it that means a response")


if __name__ == "__main__":
    sys.exit(main())
