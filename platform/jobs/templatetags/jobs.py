"""Why a job failed, in the reader's language."""

from django import template
from django.utils.translation import gettext

from common.templatetags.formatting import told
from jobs.models import Job

register = template.Library()


@register.filter
def job_error(job: Job) -> str:
    """Give the failure's own sentence, or the reference under which the log has the rest."""
    if job.error_message:
        return told(job.error_message, job.error_params)
    return gettext("Something unexpected happened. Tell your administrator the reference %(reference)s.") % {
        "reference": job.error_reference
    }
