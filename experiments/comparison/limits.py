"""How many models are compared at once."""

from experiments.errors import gettext_noop

MOST_MODELS = 4
TOO_MANY = gettext_noop("At most %(most)s models are compared at once; %(given)s were given.")
ONE_ALONE = gettext_noop("Name at least two models to compare.")
