"""What other apps may hear of: a version or a join that is whole, sent by the worker that made it."""

from django.dispatch import Signal

# version: the DatasetVersion, its table and columns stored, in the same transaction.
version_ready = Signal()
# plan: the JoinPlan; version: the table it has just made; then: what was asked for after it. A receiver returns plain
# data that the plan keeps under "followed".
joined = Signal()
