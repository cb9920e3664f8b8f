"""The words in which the audit log tells acts on files that come in, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "dataset.uploaded": _("uploaded a file"),
    "dataset.hashed": _("recorded the hash of a file"),
    "dataset.read_again": _("re-read a file"),
}

FACTS = {
    "append_to": _("appended to version"),
    "bytes": _("bytes"),
    "decimal": _("decimal mark"),
    "delimiter": _("delimiter"),
    "encoding": _("encoding"),
    "file": _("file"),
    "files": _("files"),
    "header_line": _("line of the column names"),
    "on_broken_bytes": _("unreadable characters"),
    "path": _("folder"),
    "reading": _("read as"),
    "sheet": _("sheet"),
    "source_column": _("column with the file name"),
    "totals": _("total rows"),
}
