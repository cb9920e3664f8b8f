"""What the data are called: in the list of the API's operations, and in the audit log."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# Under which all operations on data are listed.
DATA: dict[str, Any] = {"tag": "data", "label": _("Data")}
