"""Sentences that earlier releases stored with jobs and their logs: they are told in every language still."""

from django.utils.translation import gettext_noop

EARLIER_SENTENCES = (
    gettext_noop("The database was away for a moment; the work goes on from where it was."),
    gettext_noop(
        "The database went away %(attempts)s times while this was done. Ask the administrator to look at it, "
        "then start again."
    ),
    gettext_noop(
        "The process that did this broke down, most likely over something in the file (signal %(signal)s). Open "
        "the file, save it anew, best as CSV, and try again."
    ),
    gettext_noop(
        "The worker died %(attempts)s times while doing this, most likely for want of memory. Use fewer columns "
        "or rows, or a machine with more memory, and start again."
    ),
    gettext_noop("The worker was lost; the work goes on from where it was."),
    gettext_noop(
        "This takes longer than a small file should, so it goes on among the large files, where no small one "
        "waits for it."
    ),
    gettext_noop(
        "This took more memory than the %(limit)s GB that work on a file may take, so it was stopped. Use fewer "
        "columns or rows, or ask the administrator for more memory."
    ),
    gettext_noop(
        "This was not done after %(limit)s minutes, the longest that work on a file may take, so it was stopped. "
        "Use fewer columns or rows, or ask the administrator for more time."
    ),
)
