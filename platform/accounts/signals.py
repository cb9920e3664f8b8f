"""Lets apps above listen to what happens to people, since this app may not import them."""

from django.dispatch import Signal

# Sent inside the transaction of the act, with: actor, action, workspace, obj, details.
acted = Signal()
