"""A job's words in the reader's language."""

from django import template
from django.utils.translation import gettext

from jobs.models import Job, JobLogLine

register = template.Library()


def translated(message: str, params: dict[str, object]) -> str:
    """Return a stored sentence in the reader's language; a sentence that lost a parameter is shown as it is."""
    if not message:
        return ""
    try:
        return gettext(message) % params if params else gettext(message)
    except (KeyError, TypeError, ValueError):
        return message


@register.simple_tag
def job_stage(job: Job) -> str:
    return translated(job.stage, job.stage_params)


@register.simple_tag
def job_error(job: Job) -> str:
    """Say why a job failed: its own sentence, or the reference under which the log has the rest."""
    if job.error_message:
        return translated(job.error_message, job.error_params)
    return gettext("Something unexpected happened. Tell your administrator the reference %(reference)s.") % {
        "reference": job.error_reference
    }


@register.simple_tag
def log_line(line: JobLogLine) -> str:
    return translated(line.message, line.params)
