"""The bank's own Word template: brought, tried by a worker, set, and put back to the standard one."""

import hashlib
import shutil
from functools import cache, partial

from django.db import transaction
from django.http import FileResponse, HttpResponse

from accounts.models import User, Workspace
from audit.services import record
from common.storage import local_path, new_folder, open_file
from experiments.errors import gettext_noop
from experiments.report.limits import MOST_BYTES, TOO_LARGE
from jobs import services as jobs
from reports.errors import ReportError
from reports.job_kinds import JobKind
from reports.models import Report, WordTemplate
from reports.services.reports import CONTENT_TYPES

NOT_WORD = gettext_noop("Choose a Word document, whose name ends in .docx.")
NOT_USABLE = gettext_noop("This template has not passed its trial, so it cannot be used.")
NO_TRIAL = gettext_noop("There is no trial report of this template.")


@transaction.atomic
def bring(user: User, workspace: Workspace, *, written: bytes, file_name: str) -> WordTemplate:
    """Keep a template unread, and have a worker look through it and fill it once.

    Raises
    ------
    ReportError : it is no .docx by its name, or too large.
    """
    if not file_name.lower().endswith(".docx"):
        raise ReportError(NOT_WORD).about("file")
    if len(written) > MOST_BYTES:
        raise ReportError(TOO_LARGE, limit=MOST_BYTES >> 20).about("file")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    _let_go_of_tried(workspace)
    template = WordTemplate.objects.create(
        workspace=workspace, file_name=file_name[-200:], uploaded_by=user, size_bytes=len(written),
        sha256=hashlib.sha256(written).hexdigest(),
    )  # fmt: skip
    folder = new_folder(template.folder, may_exist=True)
    try:
        local_path(template.path).write_bytes(written)
        template.job = jobs.enqueue(
            JobKind.TRY_TEMPLATE, workspace=workspace, owner=user, subject_id=template.pk, size=len(written)
        )
        template.save(update_fields=["job"])
        _record(user, "word_template.uploaded", template)
    except BaseException:
        # The row goes with the transaction; no file of it stays behind.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return template


def _let_go_of_tried(workspace: Workspace) -> None:
    """Throw away earlier templates that are not used and that no report was set in."""
    set_in = Report.objects.exclude(template=None).values("template")
    tried = WordTemplate.objects.filter(workspace=workspace, is_used=False).exclude(pk__in=set_in)
    for old in tried.select_related("job"):
        if old.job is not None and not old.job.is_terminated:
            jobs.request_cancel(old.job)
        folder = local_path(old.folder)
        old.delete()
        transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))


@transaction.atomic
def use(template: WordTemplate, user: User) -> None:
    """Have the reports in Word of a workspace set in a template from now on.

    Raises
    ------
    ReportError : it has not passed its trial.
    """
    # One at a time in a workspace: two that are set at once would each find the other not set yet.
    Workspace.objects.select_for_update().get(pk=template.workspace_id)
    template = WordTemplate.objects.select_for_update().get(pk=template.pk)
    if template.tried_at is None or template.refusal:
        raise ReportError(NOT_USABLE)
    if template.is_used:
        return
    WordTemplate.objects.filter(workspace=template.workspace, is_used=True).update(is_used=False)
    WordTemplate.objects.filter(pk=template.pk).update(is_used=True)
    _record(user, "word_template.used", template)


@transaction.atomic
def reset(workspace: Workspace, user: User) -> None:
    """Have reports in Word set in the standard template again; the bank's own stays to be set once more."""
    for template in WordTemplate.objects.select_for_update().filter(workspace=workspace, is_used=True):
        WordTemplate.objects.filter(pk=template.pk).update(is_used=False)
        _record(user, "word_template.reset", template)


def standard_file() -> HttpResponse:
    """Answer with the template that the platform comes with."""
    answer = HttpResponse(_standard(), content_type=CONTENT_TYPES["docx"])
    answer["Content-Disposition"] = 'attachment; filename="report-template.docx"'
    return answer


@cache
def _standard() -> bytes:
    # Word's libraries are loaded by whoever asks for it first.
    from experiments.report.word_template import standard_template

    return standard_template()


def own_file(template: WordTemplate) -> FileResponse:
    """Answer with a template as it came."""
    return _file(template.path, template.file_name)


def trial_file(template: WordTemplate, language: str) -> FileResponse:
    """Answer with the report that was set in a template for its trial.

    Raises
    ------
    ReportError : there is none.
    """
    if template.tried_at is None or template.refusal:
        raise ReportError(NO_TRIAL)
    return _file(template.trial_path(language), f"trial-{language}.docx")


def _file(key: str, name: str) -> FileResponse:
    return FileResponse(open_file(key), as_attachment=True, filename=name, content_type=CONTENT_TYPES["docx"])


def _record(user: User, act: str, template: WordTemplate) -> None:
    details = {"file": template.file_name, "template_sha256": template.sha256}
    record(user, act, workspace=template.workspace, obj=template, details=details)
