"""Experiments as data checks know them: who may see and change one, and its words."""

from django.http import HttpRequest

from training.models import Experiment
from training.views import access
from training.words import KindWords, words_for


class ExperimentHost:
    """See ``checks.hosts.Host``."""

    steps_template = "training/_steps.html"

    def find(self, request: HttpRequest, pk: int) -> Experiment:
        return access.find(request, pk)

    def may_change(self, request: HttpRequest, subject: Experiment) -> bool:
        return access.may_change(request, subject)

    def refuse_unless_editor(self, request: HttpRequest, subject: Experiment) -> None:
        access.refuse_unless_editor(request, subject)

    def words_of(self, subject: Experiment) -> KindWords:
        return words_for(subject)
