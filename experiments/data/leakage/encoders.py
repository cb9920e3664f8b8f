"""What is learnt from the target outside the training rows: impossible here, and why."""

from experiments.data.leakage.finding import Finding
from experiments.errors import gettext_noop

PASSED = gettext_noop(
    "Codes, bins, gaps and averages are learnt inside each training part only, as part of the model, so no row that "
    "judges a model has helped to make it."
)


def check() -> list[Finding]:
    """Say that encoders cannot leak: every transformation is fitted with the model, on the rows of its fold."""
    return [Finding("encoder_leak", "passed", None, PASSED)]
