"""What the database itself refuses: deciding on what one has a part in, and rewriting decisions and their evidence."""

from accounts.models import User
from common.triggers import ALWAYS, Rule, fixed, guard, kept, not_replaced, view
from registry.moves import EDITABLE, SINGLE, steps_of_aliases, steps_of_states

VERSION, REQUEST, CHECK = "registry_modelversion", "registry_approvalrequest", "registry_evidencecheck"
COMPARISON = "registry_comparison"
PARTICIPANT, MODEL, DOSSIER = "registry_participant", "registry_registeredmodel", "registry_dossier"
ROW, EXPERIMENT = "training_leaderboardrow", "training_experiment"
BARRED = "registry_barred"
# What gives whoever does it a hold on an account.
HOLDS = ("person.added", "person.password_reset", "person.role_changed", "person.reactivated")

NOT_DECIDED = "a version is approved only by an approved request"
FINAL = "who asked and what was decided cannot be rewritten"
OWN_WORK = "nobody decides on own work, or by an account that somebody with a part in it made, reset or promoted"
BORN_PENDING = "a request begins undecided"
BORN_DRAFT = "a version begins as a draft"
NOT_A_STEP = "a version cannot go from this state to that one"
NOT_AN_ALIAS = "a version cannot go from this alias to that one"
AS_SUBMITTED = "what was submitted cannot be rewritten"
AS_APPROVED = "limits of use and expiry are set by the approval alone"
EVIDENCE = "the evidence of a submitted version cannot be rewritten"

# Whoever has a part in a pending request, and the accounts such people made, reset or promoted of late; of those, the
# accounts they made in turn. Approval is refused to all of them.
_BARRED = """
    WITH RECURSIVE
    pending(request_id, days) AS (
        SELECT id, independence_days FROM registry_approvalrequest WHERE decision = 'pending'
    ),
    holds(user_id, action, by_id, at) AS (
        SELECT u.id, CAST(e.action AS TEXT), e.actor_id, e.at FROM audit_auditentry e
        JOIN accounts_user u ON CAST(u.id AS TEXT) = e.object_id
        WHERE e.object_type = '{user}' AND e.action IN ({holds}) AND e.actor_id IS NOT NULL AND e.actor_id <> u.id
    ),
    barred(request_id, user_id, action, by_id, at) AS (
        SELECT p.request_id, r.author_id, CAST('worked' AS TEXT), r.author_id, r.created_at
        FROM pending p JOIN registry_approvalrequest r ON r.id = p.request_id
        UNION SELECT p.request_id, r.maker_id, CAST('worked' AS TEXT), r.maker_id, r.created_at
        FROM pending p JOIN registry_approvalrequest r ON r.id = p.request_id
        UNION SELECT p.request_id, w.user_id, CAST('worked' AS TEXT), w.user_id, r.created_at
        FROM pending p JOIN registry_approvalrequest r ON r.id = p.request_id
        JOIN registry_participant w ON w.request_id = p.request_id
        UNION SELECT b.request_id, h.user_id, h.action, h.by_id, h.at
        FROM barred b JOIN holds h ON h.by_id = b.user_id JOIN pending p ON p.request_id = b.request_id
        WHERE h.at > {since}
    )
    SELECT request_id, user_id, action, by_id, at FROM barred
"""
_NAMES = {"user": User._meta.label_lower, "holds": ", ".join(f"'{action}'" for action in HOLDS)}
# One SELECT for the whole, since PostgreSQL lets a recursive one name itself only once.
view(
    BARRED,
    sqlite=_BARRED.format(since="datetime('now', '-' || p.days || ' days')", **_NAMES),
    postgresql=_BARRED.format(since="now() - p.days * interval '1 day'", **_NAMES),
)

_IS_BARRED = f"SELECT 1 FROM {BARRED} WHERE request_id = NEW.id AND user_id = NEW.decided_by_id"  # noqa: S608 - constants
_UNDECIDED = f"NOT EXISTS (SELECT 1 FROM {REQUEST} WHERE model_version_id = NEW.id AND decision = 'approved')"  # noqa: S608


def _is_no(steps: tuple[tuple[str, str], ...], column: str) -> str:
    """Return SQL that is true when a column goes where no move of the table leads."""
    allowed = (f"NOT (OLD.{column} = '{before}' AND NEW.{column} = '{after}')" for before, after in steps)
    return f"NEW.{column} <> OLD.{column} AND {' AND '.join(allowed)}"


def _is_in(states: tuple[str, ...], column: str) -> str:
    return f"{column} IN ({', '.join(repr(state) for state in states)})"


_IS_APPROVAL = "(OLD.state = 'submitted' AND NEW.state = 'approved')"


def _submitted(column: str, of: str) -> str:
    """Return SQL that is true when a version that can no longer be rewritten rests on the row."""
    return f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.{column} = {of} AND NOT {_is_in(EDITABLE, 'v.state')})"  # noqa: S608


guard(
    REQUEST,
    Rule(REQUEST, "born_pending", "INSERT", "NEW.decision <> 'pending' OR NEW.decided_by_id IS NOT NULL", BORN_PENDING),
    not_replaced(
        REQUEST,
        FINAL,
        further="other.model_version_id = NEW.model_version_id AND other.decision = 'pending' "
        "AND NEW.decision = 'pending'",
    ),
    Rule(REQUEST, "own_work", "UPDATE", f"NEW.decided_by_id IS NOT NULL AND EXISTS ({_IS_BARRED})", OWN_WORK),
    fixed(
        REQUEST,
        ("id", "author_id", "maker_id", "model_version_id", "note", "created_at", "independence_days"),
        FINAL,
        name="asked",
    ),
    fixed(
        REQUEST,
        ("decision", "comment", "decided_by_id", "decided_at"),
        FINAL,
        once="OLD.decision <> 'pending'",
        name="final",
    ),
    kept(REQUEST, FINAL),
)
guard(
    PARTICIPANT,
    Rule(PARTICIPANT, "unchanged", "UPDATE", ALWAYS, FINAL),
    not_replaced(PARTICIPANT, FINAL, ("request_id", "user_id")),
    kept(PARTICIPANT, FINAL),
)
guard(
    VERSION,
    Rule(VERSION, "born_draft", "INSERT", "NEW.state = 'approved'", NOT_DECIDED),
    Rule(VERSION, "born_plain", "INSERT", "NEW.state <> 'draft' OR NEW.alias <> ''", BORN_DRAFT),
    not_replaced(
        VERSION,
        AS_SUBMITTED,
        ("registered_model_id", "number"),
        further=f"{_is_in(SINGLE, 'NEW.alias')} AND other.registered_model_id = NEW.registered_model_id "
        "AND other.alias = NEW.alias",
    ),
    Rule(
        VERSION,
        "approved",
        "UPDATE",
        f"NEW.state = 'approved' AND OLD.state <> 'approved' AND {_UNDECIDED}",
        NOT_DECIDED,
    ),
    Rule(VERSION, "step", "UPDATE", _is_no(steps_of_states(), "state"), NOT_A_STEP),
    Rule(VERSION, "alias_step", "UPDATE", _is_no(steps_of_aliases(), "alias"), NOT_AN_ALIAS),
    fixed(
        VERSION,
        (
            *("id", "registered_model_id", "number", "author_id", "leaderboard_row_id", "created_at"),
            *("artifact_path", "artifact_hash", "artifact_seal"),
        ),
        AS_SUBMITTED,
    ),
    fixed(
        VERSION, ("metrics", "purpose"), AS_SUBMITTED, once=f"NOT {_is_in(EDITABLE, 'OLD.state')}", name="as_submitted"
    ),
    fixed(VERSION, ("limits_of_use", "expires_on"), AS_APPROVED, once=f"NOT {_IS_APPROVAL}", name="as_approved"),
    kept(VERSION, AS_SUBMITTED, once=f"NOT {_is_in(EDITABLE, 'OLD.state')}"),
)
guard(
    CHECK,
    Rule(CHECK, "unchanged", "UPDATE", ALWAYS, EVIDENCE),
    Rule(CHECK, "not_added", "INSERT", _submitted("id", "NEW.model_version_id"), EVIDENCE),
    not_replaced(CHECK, EVIDENCE, ("model_version_id", "code")),
    kept(CHECK, EVIDENCE, once=_submitted("id", "OLD.model_version_id")),
)
guard(
    MODEL,
    fixed(MODEL, ("id", "workspace_id", "kind", "name", "created_at"), AS_SUBMITTED),
    not_replaced(MODEL, AS_SUBMITTED, ("workspace_id", "name")),
    kept(MODEL, AS_SUBMITTED, once=_submitted("registered_model_id", "OLD.id")),
)
guard(
    DOSSIER,
    fixed(DOSSIER, ("id", "facts", "model_hash", "leaderboard_row_id"), EVIDENCE, once="OLD.gathered_at IS NOT NULL"),
    not_replaced(DOSSIER, EVIDENCE, ("leaderboard_row_id", "model_hash")),
)
guard(
    COMPARISON,
    fixed(COMPARISON, ("id", "facts", "version_id", "former_id"), EVIDENCE, once="OLD.compared_at IS NOT NULL"),
    not_replaced(COMPARISON, EVIDENCE, ("version_id", "former_id")),
)
_IS_TAKEN_OVER = f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.leaderboard_row_id = OLD.id)"  # noqa: S608
guard(
    ROW,
    fixed(
        ROW,
        (
            *("id", "experiment_id", "candidate", "learner", "rank", "metrics", "evidence"),
            *("model_path", "model_hash", "model_seal"),
        ),
        EVIDENCE,
        once=_IS_TAKEN_OVER,
    ),
    not_replaced(ROW, EVIDENCE, ("experiment_id", "candidate")),
    kept(ROW, EVIDENCE, once=_IS_TAKEN_OVER),
)
_HAS_VERSIONS = (
    f"EXISTS (SELECT 1 FROM {VERSION} v JOIN {ROW} r ON r.id = v.leaderboard_row_id "  # noqa: S608 - only constants
    "WHERE r.experiment_id = OLD.id)"
)
guard(
    EXPERIMENT,
    fixed(
        EXPERIMENT,
        ("id", "workspace_id", "kind", "owner_id", "version_id", "data_check_id", "seed", "spec"),
        EVIDENCE,
        once=_HAS_VERSIONS,
    ),
    not_replaced(EXPERIMENT, EVIDENCE),
    kept(EXPERIMENT, EVIDENCE, once=_HAS_VERSIONS),
)
