"""What the sample workspace shows of exports: an offline bundle of its approved version."""

from exports import services
from exports.models import Export, ExportForm
from registry.models import ModelVersion
from training.models import Experiment


def export_sample(experiment: Experiment) -> None:
    """Have a bundle of the sample's version made, once; before there is a version, nothing."""
    version = ModelVersion.objects.filter(leaderboard_row__experiment=experiment).order_by("pk").first()
    if experiment.is_sample and version is not None and not Export.objects.filter(version=version).exists():
        services.begin(experiment.owner, version, form=ExportForm.BUNDLE)
