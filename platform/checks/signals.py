"""What other apps may hear of: the end of a data check, sent by the worker that made it."""

from django.dispatch import Signal

# check: the DataCheck, ready and stored.
checked = Signal()
