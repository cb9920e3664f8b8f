"""Writes to what people keep of experiments."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from experiments.errors import BadInput, gettext_noop
from tracking.models import MOST_TAGS, NOTE_LETTERS, TAG_LETTERS, ChosenColumns, Favourite, Note, Tagged
from training.models import Experiment

TOO_MANY_TAGS = gettext_noop("Too many tags: %(count)s. The limit for an experiment is %(most)s.")
TAG_TOO_LONG = gettext_noop("“%(tag)s” is too long for a tag. The limit for its length is %(most)s.")
NOTE_TOO_LONG = gettext_noop("This note is too long: its length is %(count)s, and the limit is %(most)s.")
RUNS = gettext_noop("This run has not ended. Archive it once it has.")


def set_tags(experiment: Experiment, tags: Iterable[str], user: User) -> None:
    """Give an experiment these tags in place of those it has.

    Raises
    ------
    BadInput : there are too many, or one is too long.
    """
    wanted = _spelled_once(tags)
    if len(wanted) > MOST_TAGS:
        raise BadInput(TOO_MANY_TAGS, most=MOST_TAGS, count=len(wanted)).about("tags")
    for tag in wanted:
        if len(tag) > TAG_LETTERS:
            raise BadInput(TAG_TOO_LONG, most=TAG_LETTERS, tag=tag).about("tags")
    with transaction.atomic():
        before = list(experiment.tagged.values_list("tag", flat=True))
        if sorted(before) == sorted(wanted):
            return
        experiment.tagged.exclude(tag__in=wanted).delete()
        new = [Tagged(experiment=experiment, tag=tag) for tag in wanted if tag not in before]
        Tagged.objects.bulk_create(new, ignore_conflicts=True)
        details = {"tags": sorted(wanted), "before": sorted(before)}
        audit.record(user, "experiment.tagged", workspace=experiment.workspace, obj=experiment, details=details)


def _spelled_once(tags: Iterable[str]) -> list[str]:
    """Return tags without blanks around them; of two that differ in their capitals only, the first."""
    found: dict[str, str] = {}
    for tag in (" ".join(each.split()) for each in tags):
        if tag:
            found.setdefault(tag.casefold(), tag)
    return list(found.values())


@transaction.atomic
def set_note(experiment: Experiment, text: str, user: User) -> None:
    """Note something about an experiment; an empty text takes the note away.

    Raises
    ------
    BadInput : the text is too long.
    """
    text = text.strip()
    if len(text) > NOTE_LETTERS:
        raise BadInput(NOTE_TOO_LONG, most=NOTE_LETTERS, count=len(text)).about("note")
    before = Note.objects.filter(experiment=experiment).first()
    if text == (before.text if before else ""):
        return
    if text:
        Note.objects.update_or_create(experiment=experiment, defaults={"text": text, "by": user})
    elif before:
        before.delete()
    # The words stay out of the log: they may be anything, and the log is for ever.
    details = {"letters": len(text)}
    audit.record(user, "experiment.noted", workspace=experiment.workspace, obj=experiment, details=details)


def set_favourite(experiment: Experiment, user: User, *, is_favourite: bool) -> None:
    """Keep an experiment at hand for a person, or no longer."""
    if is_favourite:
        Favourite.objects.get_or_create(experiment=experiment, user=user)
    else:
        Favourite.objects.filter(experiment=experiment, user=user).delete()


@transaction.atomic
def archive(experiment: Experiment, user: User) -> None:
    """Leave an experiment out of the lists; nothing of it is lost.

    Raises
    ------
    BadInput : its run has not ended.
    """
    if not experiment.has_ended:
        raise BadInput(RUNS)
    changed = Experiment.objects.filter(pk=experiment.pk, archived_at=None).update(archived_at=timezone.now())
    if changed:
        audit.record(user, "experiment.archived", workspace=experiment.workspace, obj=experiment)


@transaction.atomic
def restore(experiment: Experiment, user: User) -> None:
    """Show an archived experiment in the lists again."""
    if Experiment.objects.filter(pk=experiment.pk).exclude(archived_at=None).update(archived_at=None):
        audit.record(user, "experiment.restored", workspace=experiment.workspace, obj=experiment)


def choose_columns(user: User, names: list[str]) -> None:
    """Remember in which columns a person reads the list."""
    ChosenColumns.objects.update_or_create(user=user, defaults={"names": names})
