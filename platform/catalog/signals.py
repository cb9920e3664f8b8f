"""What other apps may hear of: the end of a data check or a join, sent by the worker that made it."""

from django.dispatch import Signal

# check: the DataCheck, ready and stored.
checked = Signal()
# plan: the JoinPlan; version: the table it has just made; then: what was asked for after it. A receiver returns plain
# data that the plan keeps under "followed".
joined = Signal()
