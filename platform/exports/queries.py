"""Which exports there are of a version, and in which formats it can be had."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.models import Workspace
from experiments.sentence import Sentence
from exports.models import Dialect, Export, ExportForm
from registry.models import ModelVersion
from serving.asking import ask


def exports_of(workspaces: Iterable[Workspace]) -> QuerySet[Export]:
    """Return the exports of some workspaces, the newest first."""
    return with_all(Export.objects.filter(version__registered_model__workspace__in=workspaces))


def with_all(exports: QuerySet[Export]) -> QuerySet[Export]:
    """Fetch with exports what pages and programs tell of them."""
    return exports.select_related("owner", "job", "version__registered_model__workspace", "version__author")


def refusals_of(version: ModelVersion) -> dict[str, Sentence | None]:
    """Return for each format why a version cannot be had in it, ``None`` where it can.

    Raises
    ------
    ModelServerAway, ModelServerRefused : nobody could look; the sentence tells.
    """
    model = {"folder": version.artifact_path, "hash": version.artifact_hash, "seal": version.artifact_seal}
    answered = ask("exports.why_not", model=model)
    return {form: answered[form] and Sentence.from_dict(answered[form]) for form in ExportForm.values}


@dataclass
class Format:
    """A format as the page shows it: why it cannot be, or what there is and what can be asked for."""

    form: ExportForm
    refusal: Sentence | None
    exports: list[Export] = field(default_factory=list)

    @property
    def dialects(self) -> list[tuple[str, str]]:
        """The dialects that are not there yet; of SQL only."""
        there = {export.dialect for export in self.exports if export.is_made or export.is_under_way}
        return [one for one in Dialect.choices if one[0] not in there] if self.form == ExportForm.SQL else []

    @property
    def can_be_asked(self) -> bool:
        """Whether anything of it can be asked for that is neither there nor under way."""
        if self.refusal is not None:
            return False
        there = any(export.is_made or export.is_under_way for export in self.exports)
        return bool(self.dialects) if self.form == ExportForm.SQL else not there


def formats_of(version: ModelVersion, exports: Iterable[Export]) -> list[Format]:
    """Return every format with the exports of a version in it.

    Raises
    ------
    ModelServerAway, ModelServerRefused : nobody could look; the sentence tells.
    """
    refusals = refusals_of(version)
    known = list(exports)
    return [Format(form, refusals[form], [one for one in known if one.form == form]) for form in ExportForm]
