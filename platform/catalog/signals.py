"""What other apps may hear of: a version that is whole, sent by the worker that made it."""

from django.dispatch import Signal

# version: the DatasetVersion, its table and columns stored, in the same transaction.
version_ready = Signal()
