"""Why a job failed, and what it waits for, in the reader's language; and the mark of a form that starts one."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from common.templatetags.formatting import told
from jobs import once as sent_once
from jobs.models import Job
from jobs.queries import jobs_ahead_of
from jobs.registry import label_of

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """Mark a form that starts work, so that sent twice it does it once."""
    return format_html('<input type="hidden" name="{}" value="{}">', sent_once.FIELD, sent_once.new_mark())


@register.filter
def kind_label(job: Job) -> str:
    """Say what the work is, in words of the app that does it."""
    return label_of(job.kind)


@register.filter
def job_error(job: Job) -> str:
    """Give the failure's own sentence, or the reference under which the log has the rest."""
    if job.error_message:
        return told(job.error_message, job.error_params)
    return gettext("Something unexpected happened. Tell your administrator the reference %(reference)s.") % {
        "reference": job.error_reference
    }


@register.filter
def place_in_queue(job: Job) -> str:
    """Say how many jobs a worker will do before this one."""
    ahead = jobs_ahead_of(job)
    if not ahead:
        return gettext("Next in the queue")
    told_ahead = ngettext("In the queue, %(count)s job ahead", "In the queue, %(count)s jobs ahead", ahead)
    return told_ahead % {"count": f"{ahead:,}"}
