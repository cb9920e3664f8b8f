"""What other apps may hear of: the end of a join, sent by the worker that made it."""

from django.dispatch import Signal

# plan: the JoinPlan; version: the table it has just made; then: what was asked for after it. A receiver returns plain
# data that the plan keeps under "followed".
joined = Signal()
