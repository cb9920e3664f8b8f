"""What the database itself refuses: rewriting which versions answered when, and who goes to which."""

from common.triggers import ALWAYS, Rule, fixed, guard, not_replaced

DEPLOYMENT, CONFIGURATION, PART = "deployments_deployment", "deployments_configuration", "deployments_part"
SAME = "a deployment keeps its name, its model and its salt"
HISTORY = "the history of a deployment cannot be rewritten"
OWN = "a deployment points to a configuration of its own"
NOT_APPROVED = "only an approved version of the same model is deployed"

_IS_OF_OTHER = (
    f"NEW.current_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {CONFIGURATION} c "  # noqa: S608 - only constants
    "WHERE c.id = NEW.current_id AND c.deployment_id = NEW.id)"
)
_IS_IN_USE = (
    f"EXISTS (SELECT 1 FROM {CONFIGURATION} c JOIN {DEPLOYMENT} d ON d.id = c.deployment_id "  # noqa: S608
    "WHERE c.id = NEW.configuration_id AND (d.current_id = c.id OR EXISTS "
    f"(SELECT 1 FROM {CONFIGURATION} later WHERE later.deployment_id = d.id AND later.number > c.number)))"
)
_IS_NOT_APPROVED = (
    "NOT EXISTS (SELECT 1 FROM registry_modelversion v "  # noqa: S608 - only constants
    f"JOIN {CONFIGURATION} c ON c.id = NEW.configuration_id JOIN {DEPLOYMENT} d ON d.id = c.deployment_id "
    "WHERE v.id = NEW.version_id AND v.state = 'approved' AND v.registered_model_id = d.registered_model_id)"
)

guard(
    DEPLOYMENT,
    fixed(
        DEPLOYMENT,
        ("id", "workspace_id", "registered_model_id", "name", "environment", "salt", "created_by_id", "created_at"),
        SAME,
    ),
    Rule(DEPLOYMENT, "own_configuration", "UPDATE", _IS_OF_OTHER, OWN),
    not_replaced(DEPLOYMENT, SAME, ("workspace_id", "name", "environment")),
)
guard(
    CONFIGURATION,
    Rule(CONFIGURATION, "unchanged", "UPDATE", ALWAYS, HISTORY),
    not_replaced(CONFIGURATION, HISTORY, ("deployment_id", "number")),
)
guard(
    PART,
    Rule(PART, "unchanged", "UPDATE", ALWAYS, HISTORY),
    Rule(PART, "not_added", "INSERT", _IS_IN_USE, HISTORY),
    Rule(PART, "approved", "INSERT", _IS_NOT_APPROVED, NOT_APPROVED),
    not_replaced(PART, HISTORY, ("configuration_id", "version_id")),
)
