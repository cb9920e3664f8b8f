"""What scoring asks for: a champion, a file or a table that is here already, and how the scores are to leave."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import DatasetVersion
from common.forms import OneOfField
from common.templatetags.formatting import count
from experiments.scoring.formats.csv import CSV
from experiments.telling import filled
from registry.models import ModelVersion
from scenarios.models import Scenario
from scoring.models import Headings, formats_to_ask_for
from scoring.services import Wanted
from uploads.forms import UploadForm


class ChampionField(OneOfField):
    """One of the champions that a form is given."""

    def __init__(self) -> None:
        super().__init__(
            ModelVersion.objects.none(),
            label=_("Model"),
            empty_label=None,
            widget=forms.Select(attrs={"class": "inp"}),
            error_messages={"invalid_choice": _("That is not a champion of this workspace.")},
        )

    def label_from_instance(self, version: Any) -> str:
        return str(version)


class ScenarioField(OneOfField):
    """One of the scenarios saved for a champion's model, or none."""

    def __init__(self) -> None:
        super().__init__(
            Scenario.objects.none(), required=False, label=_("Scenario"),
            empty_label=_("None: score everybody and choose later"), widget=forms.Select(attrs={"class": "inp"}),
            help_text=_("Lists the customers that the scenario chooses. It must have been saved for the same model."),
            error_messages={"invalid_choice": _("That is not a scenario of a champion of this workspace.")},
        )  # fmt: skip

    def label_from_instance(self, scenario: Any) -> str:
        return f"{scenario.name} · {scenario.leaderboard_row.experiment.name}"


class WantedForm(forms.Form):
    """How the scores are to leave."""

    file_format = forms.ChoiceField(
        label=_("Score file"), choices=formats_to_ask_for, initial=CSV.name, required=False,
        help_text=_("Excel stores IDs as text and holds up to 1,048,575 customers. CSV and Parquet are always "
                    "produced as well."),
        widget=forms.Select(attrs={"class": "inp"}),
    )  # fmt: skip
    headings = forms.ChoiceField(
        label=_("Headings"), choices=Headings.choices, initial=Headings.NAMES, required=False,
        widget=forms.Select(attrs={"class": "inp"}),
    )  # fmt: skip

    scenario = ScenarioField()

    def offer(self, champions: QuerySet[ModelVersion]) -> None:
        """Offer champions, and the scenarios that were saved for their models."""
        self.fields["version"].queryset = champions  # type: ignore[attr-defined]
        rows = [version.leaderboard_row_id for version in champions]
        offered = Scenario.objects.filter(leaderboard_row__in=rows).select_related("leaderboard_row__experiment")
        self.fields["scenario"].queryset = offered  # type: ignore[attr-defined]
        if not offered.exists():
            del self.fields["scenario"]

    def wanted(self) -> Wanted:
        """Return what was chosen; what was not sent is as usual."""
        chosen = self.cleaned_data
        return Wanted(
            chosen.get("file_format") or CSV.name,
            chosen.get("headings") or Headings.NAMES,
            scenario_id=chosen["scenario"].pk if chosen.get("scenario") else None,
        )


class ScoringForm(WantedForm, UploadForm):
    """Choose the champion, drop next month's file."""

    name = None  # type: ignore[assignment]  # a file to be scored becomes no dataset
    version = ChampionField()

    def __init__(self, *args: Any, champions: QuerySet[ModelVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(champions)


class TableField(OneOfField):
    def label_from_instance(self, version: Any) -> str:
        return filled(gettext("%(table)s · %(rows)s rows"), {"table": version, "rows": count(version.row_count)})


class TableScoringForm(WantedForm):
    """Choose the champion and a table that is here already."""

    version = ChampionField()
    table = TableField(
        label=_("Dataset version"),
        queryset=DatasetVersion.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "inp"}),
        help_text=_("Any table that was uploaded, queried from a database or made by a join."),
        error_messages={
            "invalid_choice": _("That is not a table of this workspace that can be scored."),
            "required": _("Choose the table to score."),
        },
    )

    def __init__(
        self,
        *args: Any,
        champions: QuerySet[ModelVersion],
        tables: QuerySet[DatasetVersion],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(champions)
        self.fields["table"].queryset = tables  # type: ignore[attr-defined]


class JoinScoringForm(WantedForm):
    """Choose the champion, and for each table of a join the version to read."""

    version = ChampionField()

    def __init__(
        self,
        *args: Any,
        champions: QuerySet[ModelVersion],
        sources: Sequence[tuple[str, DatasetVersion, list[DatasetVersion]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(champions)
        self._fits = {table: {str(each.pk): each for each in fits} for table, _now, fits in sources}
        self.places = {f"source-{place}": table for place, (table, _now, _fits) in enumerate(sources)}
        for (name, table), (_table, now, fits) in zip(self.places.items(), sources, strict=True):
            choices = [(str(each.pk), TableField.label_from_instance(None, each)) for each in fits]  # type: ignore[arg-type]
            select = forms.Select(attrs={"class": "inp"})
            self.fields[name] = forms.ChoiceField(label=table, choices=choices, initial=str(now.pk), widget=select)

    @property
    def source_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.places]

    def sources(self) -> dict[str, DatasetVersion]:
        """Return the version that was chosen for each table."""
        return {table: self._fits[table][self.cleaned_data[name]] for name, table in self.places.items()}
