"""What is asked of a run: one schema, from which forms, programs and commands take ranges, words and defaults."""

from experiments.spec.asked import Asked, Range
from experiments.spec.question import (
    ASKED,
    BESIDE_TRIALS,
    FEATURE_EFFORTS,
    HOUSE_LIMITS,
    LEARNERS,
    RANGES,
    SCHEMA_VERSION,
    SCHEMES,
    SPLIT_SETTINGS,
    TARGET_KINDS,
    ExperimentSpec,
    FeatureEffort,
    Limits,
    SchemeName,
    SearchBudget,
    TargetKind,
    ValidationScheme,
)

__all__ = [
    "ASKED",
    "BESIDE_TRIALS",
    "FEATURE_EFFORTS",
    "HOUSE_LIMITS",
    "LEARNERS",
    "RANGES",
    "SCHEMA_VERSION",
    "SCHEMES",
    "SPLIT_SETTINGS",
    "TARGET_KINDS",
    "Asked",
    "ExperimentSpec",
    "FeatureEffort",
    "Limits",
    "Range",
    "SchemeName",
    "SearchBudget",
    "TargetKind",
    "ValidationScheme",
]
