"""What the engine is asked: the data check's decisions and the plan's put together."""

from checks import queries as check_queries
from experiments.spec import ExperimentSpec
from planning.plans.plan import Plan
from training.models import Experiment


def spec_of(experiment: Experiment, plan: Plan | None = None) -> ExperimentSpec:
    """Put together what the engine is asked: the data check's decisions and the plan's."""
    check = experiment.data_check
    plan, parts = plan or Plan.of(experiment), check_queries.spec_parts(check)
    out = set(parts["protected"]) if plan.without_protected else set()
    features = check_queries.features_of(check) - out
    doubted = check_queries.doubted_of(check, features)
    return plan.to_spec({**parts, **({"doubted": tuple(doubted)} if doubted else {})}, features)
