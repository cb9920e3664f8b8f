"""Uploads as forms."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.errors import NO_FILE, NOT_COMPLETE, UploadRefused
from catalog.reading import Reading
from common.templatetags.formatting import told
from experiments.errors import ExperimentError

FILE_TYPES = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.parquet,.zip,.gz"
SELECT = forms.Select(attrs={"class": "inp", "data-reading": ""})
TAB, SOH = "tab", "soh"  # a form field is trimmed, so these two go by name
FOUND_OUT = ("", _("Detected automatically"))
ENCODING_CHOICES = [
    FOUND_OUT,
    ("utf-8", "UTF-8"),
    ("gb18030", "GB18030 / GBK"),
    ("big5", "Big5"),
    ("utf-16", "UTF-16"),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
    ("windows-1252", "Windows-1252"),
    ("iso-8859-15", "ISO 8859-15"),
    ("latin-1", "Latin-1"),
]
DELIMITER_CHOICES = [
    FOUND_OUT,
    (",", _("Comma ,")),
    (";", _("Semicolon ;")),
    (TAB, _("Tab")),
    ("|", _("Pipe |")),
    ("^", _("Caret ^")),
    (SOH, _("Byte 0x01")),
]
DECIMAL_CHOICES = [FOUND_OUT, (".", _("Point: 1234.5")), (",", _("Comma: 1234,5"))]
HEADER_CHOICES = [
    FOUND_OUT,
    (0, _("No column names")),
    *((line, format_lazy(_("In line {line}"), line=line)) for line in range(1, 11)),
]
BROKEN_CHOICES = [("", _("Refuse the file and say where")), ("replace", _("Replace each with � and count them"))]

TOTALS_CHOICES = [("", _("Leave them out and report how many")), ("keep", _("Keep them as ordinary rows"))]


class UploadForm(forms.Form):
    """A file and, if wished, the name of its dataset; the key makes one form sent twice one upload."""

    file = forms.FileField(required=False, allow_empty_file=True, max_length=1000)
    name = forms.CharField(
        label=_("Name of the dataset"),
        required=False,
        max_length=100,
        help_text=_("If empty, the file's name is used. An existing name gets a new version."),
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off"}),
    )

    def __init__(
        self,
        *args: Any,
        refusal: UploadRefused | None = None,
        received: Sequence[File] = (),
        **kwargs: Any,
    ) -> None:
        """``received``: files that came piece by piece before the form did."""
        super().__init__(*args, **kwargs)
        self.refusal = refusal
        self.received = received

    def clean(self) -> dict[str, Any]:
        """Say why the server stopped taking the file, or that there was none."""
        cleaned = super().clean() or {}
        cleaned["files"] = [*self.received] or self.files.getlist("file")
        cleaned["file"] = cleaned["files"][0] if cleaned["files"] else None
        if self.refusal is not None:
            self.refuse(self.refusal)
        elif not cleaned["file"] and self.data.get("uploads"):
            self.add_error("file", told(NOT_COMPLETE))
        elif not cleaned["file"] and self.needs_file(cleaned):
            self.add_error("file", told(NO_FILE))
        return cleaned

    def refuse(self, refusal: ExperimentError) -> None:
        """Say beside the file why the server has not taken it."""
        self.add_error("file", told(refusal.message, refusal.params))
        if isinstance(refusal, UploadRefused):
            self.refusal = refusal

    @property
    def status(self) -> int:
        """Return how HTTP says what is wrong with the form."""
        return self.refusal.status(otherwise=422) if self.refusal else 422

    def needs_file(self, cleaned: dict[str, Any]) -> bool:
        return True


class ReadingForm(forms.Form):
    """How a file is to be read; what is left empty is found out."""

    encoding = forms.ChoiceField(label=_("Encoding"), required=False, choices=ENCODING_CHOICES, widget=SELECT)
    delimiter = forms.ChoiceField(label=_("Delimiter"), required=False, choices=DELIMITER_CHOICES, widget=SELECT)
    decimal = forms.ChoiceField(label=_("Decimal mark"), required=False, choices=DECIMAL_CHOICES, widget=SELECT)
    header_line = forms.TypedChoiceField(
        label=_("Column names"), required=False, choices=HEADER_CHOICES, coerce=int, empty_value=None, widget=SELECT
    )
    on_broken_bytes = forms.ChoiceField(
        label=_("Broken characters"), required=False, choices=BROKEN_CHOICES, widget=SELECT
    )
    sheet = forms.CharField(
        label=_("Sheet of a workbook"),
        required=False,
        max_length=60,
        help_text=_("If empty, the largest visible sheet that holds data, not notes."),
        widget=forms.TextInput(
            attrs={"class": "inp", "autocomplete": "off", "data-reading": "", "list": "sheets-of-the-workbook"}
        ),
    )
    totals = forms.ChoiceField(label=_("Total rows"), required=False, choices=TOTALS_CHOICES, widget=SELECT)
    source_column = forms.CharField(
        label=_("Column that names the file"),
        required=False,
        max_length=60,
        help_text=_("For several files: adds a column that says which file each row came from. Leave empty for none."),
        widget=forms.TextInput(attrs={"class": "inp", "autocomplete": "off"}),
    )

    @classmethod
    def of_one_file(cls, *args: Any, **kwargs: Any) -> "ReadingForm":
        """Return the form for a file that stands alone, as one to be scored does."""
        form = cls(*args, **kwargs)
        del form.fields["source_column"]
        return form

    def reading(self) -> Reading:
        """Return the choices; one that cannot be understood is as good as none."""
        self.full_clean()
        chosen = getattr(self, "cleaned_data", {})
        words = {name: chosen[name] for name in self.fields if chosen.get(name) not in (None, "")}
        if words.get("delimiter") == TAB:
            words["delimiter"] = "\t"
        elif words.get("delimiter") == SOH:
            words["delimiter"] = "\x01"
        return Reading(**words)

    @classmethod
    def showing(cls, reading: Reading) -> "ReadingForm":
        """Return the form with what was chosen before."""
        shown = {name: getattr(reading, name) for name in cls.base_fields}
        shown["delimiter"] = {"\t": TAB, "\x01": SOH}.get(reading.delimiter, reading.delimiter)
        return cls(initial=shown)
