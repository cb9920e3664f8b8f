"""The work of trying a template that a bank has brought: looked through, then filled once in each language."""

from django.utils import timezone
from django.utils.translation import gettext_noop

from common.storage import local_path
from experiments.errors import BadInput
from experiments.report.bank_template import check_template
from experiments.report.trying import trial_document
from experiments.report.word import docx_of
from jobs.context import JobContext
from jobs.models import Job
from reports.models import ReportLanguage, WordTemplate

CHECKING = gettext_noop("Looking through the template")
FILLING = gettext_noop("Filling the template for a trial")


def run(job: Job, context: JobContext) -> None:
    """Try a template; called again after a crash, it begins anew."""
    template = WordTemplate.objects.filter(pk=job.subject_id, tried_at=None).first()
    if template is None:
        return
    context.progress(percent=10, stage=CHECKING)
    try:
        _try(template, context)
    except BadInput as refused:
        template.refusal = refused.sentence.to_dict()
    template.tried_at = timezone.now()
    template.save(update_fields=["refusal", "tried_at"])


def _try(template: WordTemplate, context: JobContext) -> None:
    """Look through the file and keep what was set in it.

    Raises
    ------
    BadInput : it cannot be used.
    """
    path = local_path(template.path)
    check_template(path.read_bytes())
    for place, language in enumerate(ReportLanguage.values):
        context.progress(percent=30 + 35 * place, stage=FILLING)
        written = docx_of(trial_document(language, timezone.localdate().isoformat()), path)
        local_path(template.trial_path(language)).write_bytes(written)
