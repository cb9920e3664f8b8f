"""What people keep of experiments beside their results: tags, notes, favourites, and the columns of their list."""

from django.conf import settings
from django.db import models

TAG_LETTERS, NOTE_LETTERS = 40, 2_000
MOST_TAGS = 20


class Tagged(models.Model):
    """A tag of an experiment; tags that are spelled alike are one."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="tagged")
    tag = models.CharField(max_length=TAG_LETTERS)

    class Meta:
        ordering = ["tag"]
        constraints = [models.UniqueConstraint(fields=["experiment", "tag"], name="tag_once_an_experiment")]
        indexes = [models.Index(fields=["tag"], name="experiments_by_tag")]

    def __str__(self) -> str:
        return self.tag


class Note(models.Model):
    """What the people of a workspace note about an experiment."""

    belongs_to = "experiment"
    experiment = models.OneToOneField("training.Experiment", on_delete=models.CASCADE, related_name="note")
    text = models.TextField(max_length=NOTE_LETTERS)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.text


class Favourite(models.Model):
    """An experiment that somebody keeps at hand; it is nobody else's business."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="favourites")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "experiment"], name="favourite_once_a_person")]


class ChosenColumns(models.Model):
    """The columns in which a person reads the list of experiments."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    names = models.JSONField(default=list)
