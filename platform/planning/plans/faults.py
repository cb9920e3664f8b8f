"""What of a plan cannot be done with a file and its roles."""

from typing import Any

from catalog.models import Column, ColumnRole, ColumnType, DatasetVersion
from checks import queries as check_queries
from checks.models import DataCheck
from experiments.errors import BadInput, gettext_noop
from experiments.kinds import KINDS
from experiments.meant import Fault, no_column
from experiments.spec.faults import Faults, day_faults
from planning.plans.plan import Plan, wishes_of

SHOWN_VALUES = 10

NOT_A_NUMBER = gettext_noop(
    "%(column)s is not numeric, so it can have neither a monotone constraint nor special values."
)
NOT_IN_MODEL = gettext_noop(
    "%(column)s has a monotone constraint or special values, but has been taken out. Put it back on the data "
    "check page, or set it to Free and clear its special values."
)
NO_FEATURE = gettext_noop(
    "%(column)s has a monotone constraint or special values, but is not a feature, so the model does not use it. "
    "Make it a feature on the data check page, or set it to Free and clear its special values."
)
ROLE_TAKEN_OUT = gettext_noop(
    "%(column)s has a role (%(role)s) but has been taken out, so the role has no effect. Put it back on the data "
    "check page, or remove its role."
)
WHICH_SPLIT_COLUMN = gettext_noop("Choose the column that says which rows are for training and which are held out.")
UNUSED_SPLIT_COLUMN = gettext_noop(
    "This column is only used for a split given by a column of the file. Choose that split."
)
SPLIT_BY_TARGET = gettext_noop("The target cannot be used to split the rows. Choose another column.")
NO_DATE = gettext_noop("A split by time needs an observation date. Give one column that role on the data check page.")
NO_GROUP = gettext_noop(
    "Keeping customers together needs a customer ID or group. Give one column that role on the data check page."
)
NO_EMBARGO = gettext_noop(
    "An embargo needs a split by time: choose automatic or by time, and give one column the role observation date "
    "on the data check page. Otherwise enter 0."
)
NO_CUT_OFF = gettext_noop(
    "A day for the out-of-time test needs a split by time: choose automatic or by time, and give one column the role "
    "observation date on the data check page. Otherwise leave it empty."
)
ONLY_CONVERSION = gettext_noop("Only a conversion follows a response. Leave this empty for other kinds.")
RESPONSE_IS_TARGET = gettext_noop("The response column must not be the target.")
WHICH_RESPONSE = gettext_noop("Choose the column that says who responded.")
WHICH_RESPONSE_EVENT = gettext_noop("Enter the value of %(column)s that means the customer responded, for example 1.")
NO_SUCH_VALUE = gettext_noop("%(column)s has no value %(value)s. Its values are: %(values)s.")


def faults_of(plan: Plan, check: DataCheck) -> Faults:
    """Return what the plan asks for that this file and these roles cannot give, by field."""
    return (
        role_faults(plan, check)
        | absent_faults(plan, check)
        | column_faults(plan, check.version, check.kind, check.target)
    )


def absent_faults(plan: Plan, check: DataCheck) -> Faults:
    """Return the first wish of the plan for a column that no model of this check may learn from."""
    for fault in absent_wishes(plan, check).values():
        return {"columns": fault}
    return {}


def absent_wishes(plan: Plan, check: DataCheck) -> dict[str, Fault]:
    """Return by column why a direction or special values that the plan has for it cannot be kept."""
    wished = wishes_of(plan)
    if not wished:
        return {}
    features = check_queries.features_of(check)
    found: dict[str, Fault] = {}
    columns = check.columns.filter(column__name__in=wished).values_list("column__name", "excluded", "type")
    for name, is_out, type_ in columns:
        if is_out:
            found[name] = (NOT_IN_MODEL, {"column": name})
        elif name not in features:
            found[name] = (NO_FEATURE, {"column": name})
        elif type_ not in ("", ColumnType.NUMERIC):
            found[name] = (NOT_A_NUMBER, {"column": name})
    return found


def column_faults(plan: Plan, version: DatasetVersion, kind: str, target: str) -> Faults:
    """Return what is wrong with the columns that the plan names."""
    named = {*plan.monotone, *plan.special_values, plan.split_column, plan.response_column}
    columns = {column.name: column for column in version.columns.filter(name__in=named - {None})}
    found: Faults = {}
    for name in (*plan.monotone, *plan.special_values):
        if name not in columns:
            found["columns"] = no_column_of(version, name)
        elif columns[name].type != ColumnType.NUMERIC:
            found["columns"] = (NOT_A_NUMBER, {"column": name})
    return (
        found
        | day_faults(plan.held_out_from)
        | _split_column_faults(plan, columns, version, target)
        | _response_faults(plan, columns, version, kind, target)
    )


def no_column_of(version: DatasetVersion, name: str) -> Fault:
    """Say that the version has no such column, and which one is meant."""
    return no_column(name, list(version.columns.order_by("position").values_list("name", flat=True)))


def role_faults(plan: Plan, check: DataCheck) -> Faults:
    """Return what the plan needs a role for that no column has."""
    roles = set(check.columns.filter(excluded=False).values_list("role", flat=True))
    found: Faults = {}
    if plan.scheme == "time" and ColumnRole.DATE not in roles:
        found["scheme"] = (NO_DATE, {})
    if plan.scheme == "grouped" and not roles & {ColumnRole.ID, ColumnRole.GROUP}:
        found["scheme"] = (NO_GROUP, {})
    named = check.columns.filter(excluded=True, role__in=check_queries.USED_ROLES).select_related("column").first()
    if named is not None:
        found["columns"] = (ROLE_TAKEN_OUT, {"column": named.column.name, "role": named.get_role_display()})
    if plan.embargo_days and (plan.scheme not in ("auto", "time") or ColumnRole.DATE not in roles):
        found["embargo_days"] = (NO_EMBARGO, {})
    if plan.held_out_from and (plan.scheme not in ("auto", "time") or ColumnRole.DATE not in roles):
        found["held_out_from"] = (NO_CUT_OFF, {})
    return found


def refuse(faults: Faults, plan: Plan | None = None) -> None:
    """Raise the first fault as the sentence it is, with the field that it is about."""
    for name, (message, params) in faults.items():
        raise BadInput(message, **params).about(*_steps_to(name, params, plan))


def _steps_to(name: str, params: dict[str, Any], plan: Plan | None) -> tuple[str, ...]:
    """Return the way into a plan: what the page shows as its columns are two fields of it, by column."""
    if name != "columns" or plan is None:
        return (name,)
    column = str(params.get("column", ""))
    return ("monotone" if column in plan.monotone else "special_values", column)


def _split_column_faults(plan: Plan, columns: dict[str, Column], version: DatasetVersion, target: str) -> Faults:
    name = plan.split_column
    if plan.scheme == "given" and not name:
        return {"split_column": (WHICH_SPLIT_COLUMN, {})}
    if not name:
        return {}
    if name not in columns:
        return {"split_column": no_column_of(version, name)}
    if name == target:
        return {"split_column": (SPLIT_BY_TARGET, {})}
    return {} if plan.scheme == "given" else {"split_column": (UNUSED_SPLIT_COLUMN, {})}


def _response_faults(plan: Plan, columns: dict[str, Column], version: DatasetVersion, kind: str, target: str) -> Faults:
    name, event = plan.response_column, plan.response_event
    if not name:
        return {"response_column": (WHICH_RESPONSE, {})} if event else {}
    if not KINDS[kind].may_follow_response:
        return {"response_column": (ONLY_CONVERSION, {})}
    if name not in columns:
        return {"response_column": no_column_of(version, name)}
    if name == target:
        return {"response_column": (RESPONSE_IS_TARGET, {})}
    if not event:
        return {"response_event": (WHICH_RESPONSE_EVENT, {"column": name})}
    values = known_values(columns[name])
    if values and _spelled(event) not in map(_spelled, values):
        return {"response_event": (NO_SUCH_VALUE, {"column": name, "value": event, "values": ", ".join(values)})}
    return {}


def known_values(column: Column) -> list[str]:
    """Return all values of a column as text where the profile has them all, else nothing."""
    top = [str(entry["value"]) for entry in column.profile.get("top_values", [])]
    return top if len(top) == column.distinct_count <= SHOWN_VALUES else []


def _spelled(value: str) -> str:
    """Take 1, 1.0 and 1.00 for one value, and Yes for yes, as the engine does."""
    try:
        return f"{float(value):g}"
    except ValueError:
        return value.strip().casefold()
