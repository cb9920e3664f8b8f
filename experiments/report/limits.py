"""How large a bank's own Word template may be."""

from experiments.errors import gettext_noop

MOST_BYTES = 10 << 20
TOO_LARGE = gettext_noop("The template is larger than %(limit)s MB. Make its pictures smaller, and upload it again.")
