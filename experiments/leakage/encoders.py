"""What is learnt from the target outside the training rows: impossible here, and why."""

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding

PASSED = gettext_noop(
    "Encodings, bins, imputed values and averages are learnt from the training part of each fold only, so no row "
    "that judges a model has helped to build it."
)


def check() -> list[Finding]:
    """Say that encoders cannot leak: every transformation is fitted with the model, on the rows of its fold."""
    return [Finding("encoder_leak", "passed", None, PASSED)]
