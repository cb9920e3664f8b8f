"""How the model is used, what it must not be used for, how it is watched, and who agreed."""

from experiments.errors import gettext_noop as _
from experiments.evaluation.limits import allowed_fall
from experiments.house_rules import CALIBRATION_HIGH, CALIBRATION_LOW, MIN_EVENTS, MIN_ROWS, PSI_AMBER, PSI_RED
from experiments.report import plotted
from experiments.report.cells import number, percent, text
from experiments.report.content import Block, Cell, Points, Table, Text
from experiments.report.on_file import Report
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import outcome
from experiments.strategy.stakes import Stakes

SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
A_THOUSAND = 1_000.0
NO_STRATEGY = _("This model was saved before strategies were kept, so none can be shown. Train it again to have one.")
NO_MONEY = _(
    "No amounts are shown: the value and the cost of an event were not entered when this report was requested. "
    "Enter them there to see amounts."
)
WITH_MONEY = _("The profit is that of the customers chosen, per thousand customers of the population.")
NO_SIGN_OFFS = _(
    "Nobody has signed yet. The model has not been submitted for approval; author, validator and approver must be "
    "three different people."
)
BLANK = _("The lines below are for signatures on paper.")


def strategy(report: Report) -> list[Block]:
    """Tell whom the score chooses at every share, and what event rate they have."""
    curve = report.unseen.strategy
    if curve is None:
        return [Text(report.say(NO_STRATEGY), "missing")]
    told = (
        _("Chosen are the customers with the lowest probability of the event: those who would be approved.")
        if curve.chosen == "lowest"
        else _("Chosen are the customers with the highest probability of the event: those who would be contacted.")
    )
    samples = {
        name: own for name in dict.fromkeys(("validation", report.sample))
        if (own := report.evidence.of(name).strategy) is not None
    }  # fmt: skip
    title = report.say("Cut-offs, %(sample)s", sample=report.on_unseen)
    stakes = report.known.stakes
    table = Table(title, _strategy_header(report), [_at(curve, share, stakes) for share in SHARES])
    money = Text(report.say(NO_MONEY), "missing") if stakes is None else Text(report.say(WITH_MONEY))
    return [Text(report.say(told)), plotted.strategy(report, samples), table, money]


def _strategy_header(report: Report) -> list[str]:
    return [
        report.say("Share of customers chosen"), report.say("Cut-off (probability)"),
        report.say("Event rate of the chosen"), report.say("Share of all events among them"),
        report.say("Event rate of the others"),
        *([report.say("Profit"), report.say("From"), report.say("To")] if report.known.stakes else []),
    ]  # fmt: skip


def _at(curve: StrategyCurve, share: float, stakes: Stakes | None) -> list[Cell]:
    events, total = curve.events_at(share), curve.event_rate
    rest = (total - events) / (1 - share) if share < 1 else None
    return [
        percent(share), percent(curve.cutoff_at(share)), percent(events / share),
        percent(events / total if total else None), percent(rest), *_profit(curve, share, stakes),
    ]  # fmt: skip


def _profit(curve: StrategyCurve, share: float, stakes: Stakes | None) -> list[Cell]:
    """Return what the chosen of a thousand customers bring, with its interval; nothing where no money was given."""
    if stakes is None:
        return []
    profit = outcome(curve, share, stakes, A_THOUSAND).profit
    return [number(value, "count") for value in (profit.value, profit.low, profit.high)]


def limitations(report: Report) -> list[Block]:
    """List what the model cannot do, from what was found of it."""
    found = [
        *_of_samples(report),
        *_of_limits(report),
        report.say(
            "Groups with fewer than %(least_rows)s rows or %(least_events)s events were not judged.",
            least_rows=MIN_ROWS, least_events=MIN_EVENTS,
        ),
        report.say(
            "The model has seen only customers in the sample; it knows nothing about others, such as declined "
            "applicants."
        ),
        report.say("A score ranks customers; it does not say that a treatment changes their behaviour."),
    ]  # fmt: skip
    checks = report.known.checked
    table = [_checks(report)] if checks else []
    return [Points(found), *table]


def _of_samples(report: Report) -> list[str]:
    found = []
    if not report.split.is_out_of_time:
        found.append(report.say("Nothing is known about the months after the data: no rows were held out by time."))
    found += [one.text for name, measures in report.samples if name != "train" for one in report.unjudged(measures)]
    weak = [row for row in report.evidence.segments if row.is_weak]
    if weak:
        columns = dict.fromkeys(report.column(row.column) for row in weak)
        found.append(
            report.say("It is weaker in segments of these columns: %(columns)s.", columns=report.listed(list(columns)))
        )
    return list(dict.fromkeys(found))


def _of_limits(report: Report) -> list[str]:
    return [report.told(one.sentence) for one in report.row.kept.limits if one.state != "kept"]


def _checks(report: Report) -> Table:
    header = [report.say("Check"), report.say("State"), report.say("What was found")]
    rows = [[text(name), text(state), text(told)] for name, state, told in report.known.checked]
    return Table(report.say("Checks at submission"), header, rows)


def monitoring(report: Report) -> list[Block]:
    """Say what is watched, how often, from which number on, and what is done then."""
    kept, held = report.row.kept, report.held
    ks, train_ks = held.value("ks"), report.row.samples.of("train").value("ks")
    fall = None if train_ks is None else allowed_fall(report.spec.limits, train_ks)
    floor = None if ks is None or fall is None else ks - fall
    header = [
        report.say("What is monitored"), report.say("How often"), report.say("Now"), report.say("Action threshold"),
        report.say("Action"),
    ]  # fmt: skip
    retrain, watch = report.say("Find the cause; retrain"), report.say("Find the cause; compare columns")
    monthly = text(report.say("each month"))
    rows = [
        [text(report.say("PSI of the score, watched from %(amber)s", amber=PSI_AMBER)), monthly,
         number(kept.score_psi), number(PSI_RED, "d2"), text(retrain)],
        [text(report.say("PSI of each column")), monthly, number(None), number(PSI_RED, "d2"), text(watch)],
        [text(report.say("KS, once outcomes are known")), monthly, number(ks), number(floor), text(retrain)],
        [text(report.say("Actual / predicted, once outcomes are known")), monthly,
         number(held.value("observed_expected"), "d2"), text(f"< {CALIBRATION_LOW:.2f}, > {CALIBRATION_HIGH:.2f}"),
         text(report.say("Recalibrate; retrain if it recurs"))],
        [text(report.say("Share of empty or unknown values")), text(report.say("each scoring")), number(None),
         text(report.say("10 percentage points above development")),
         text(report.say("Check with the source before scores are used"))],
    ]  # fmt: skip
    told = report.say(
        "The model is reviewed after %(months)s months, or sooner if a limit below is reached.",
        months=report.kind.months_of_use,
    )
    return [Text(told), Table(report.say("Monitoring limits"), header, rows)]


def sign_offs(report: Report) -> list[Block]:
    """List who decided what; where nobody has, leave lines to sign on."""
    found = report.known.sign_offs
    if found:
        header = [
            report.say("Role"), report.say("Person"), report.say("Decision"), report.say("Date"),
            report.say("Comment"),
        ]  # fmt: skip
        rows = [[text(one.role), text(one.person), text(one.decision), text(one.on), text(one.comment)]
                for one in found]  # fmt: skip
        return [Table(report.say("Decisions on record"), header, rows)]
    roles = (_("Author"), _("Validator"), _("Approver"))
    header = [report.say("Role"), report.say("Person"), report.say("Date"), report.say("Signature")]
    rows = [[text(report.word(role)), text(" "), text(" "), text(" ")] for role in roles]
    lines = Table(report.say("Signatures"), header, rows)
    return [Text(report.say(NO_SIGN_OFFS), "missing"), Text(report.say(BLANK)), lines]
