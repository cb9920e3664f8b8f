"""What happens to models on their way to a decision that apps above want to know."""

from django.dispatch import Signal

# With ``row``: the evidence of a finalist has been gathered, so that it can be submitted.
evidence_gathered = Signal()
