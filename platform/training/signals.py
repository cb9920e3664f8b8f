"""What other apps may hear of: the end of a run whose result is stored, sent by the worker that ran it."""

from django.dispatch import Signal

# experiment: the Experiment, its leaderboard stored.
result_stored = Signal()
