"""What this process answers with: a picture of all deployments whose models are open, replaced as a whole."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import connection

from deployments.errors import NotServed
from deployments.models import Configuration, Deployment, Part, Role
from deployments.queries import with_parts
from experiments.artifact.model import ModelArtifact
from experiments.errors import ExperimentError, gettext_noop
from experiments.scoring.real_time import score_rows, table_of
from experiments.sentence import Sentence
from registry.models import ModelVersion, VersionState
from registry.queries import signed
from serving.opened import OpenModels
from training.queries.hidden import hidden_columns

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 1.0
# How long a column may be told of after the dictionary says that it must not.
DICTIONARY_EVERY = 10
# What could not be opened may be by now: its disk was away, or another model took the memory.
OPEN_AGAIN_EVERY = 60
MOST_OPEN = 16
IS_OFF = gettext_noop("Deployment %(name)s is switched off. Nobody is scored until it is switched on again.")
RETIRED = gettext_noop(
    "%(version)s is not approved any more, so deployment %(name)s answers nobody. Switch it to an approved version."
)
EXPIRED = gettext_noop(
    "%(version)s has expired, so deployment %(name)s answers nobody. Switch it to a version that has not expired."
)
BROKEN = gettext_noop(
    "%(version)s could not be opened. The administrator can find the cause in the log of the real-time server."
)
TOO_LARGE = gettext_noop("%(version)s is too large for the memory that this server may use.")


@dataclass(frozen=True)
class Member:
    """A version with its open model."""

    version_id: int
    number: int
    model: str
    role: str
    percent: int
    artifact: ModelArtifact


@dataclass(frozen=True)
class Served:
    """One deployment as it answers now; with a refusal it answers nobody."""

    deployment_id: int
    workspace_id: int
    workspace: str
    name: str
    environment: str
    salt: str
    configuration: int
    members: tuple[Member, ...] = ()
    refusal: Sentence | None = None
    key: Any = None
    is_lacking: bool = False

    @property
    def champion(self) -> Member:
        """The version that answers whoever goes to no challenger.

        Raises
        ------
        NotServed : nobody is answered; the sentence says why.
        """
        if self.refusal is not None:
            raise NotServed(self.refusal.message, **self.refusal.params)
        return self.members[0]

    @property
    def shadows(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.role == Role.SHADOW)

    @property
    def splits(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.role == Role.SPLIT)


@dataclass
class Loaded:
    """The deployments of the platform with their models open; requests read one picture and are never in between."""

    opened: OpenModels = field(default_factory=lambda: OpenModels(most_models=MOST_OPEN))
    served: dict[int, Served] = field(default_factory=dict)
    is_ready: bool = False
    _rounds: int = 0
    _hidden: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def look(self) -> None:
        """Take over what was switched since; models are open before the first request reaches them."""
        if self._rounds % DICTIONARY_EVERY == 0:
            self._hidden.clear()
        self._rounds += 1
        found = with_parts(Deployment.objects.all()).prefetch_related(
            "current__parts__version__leaderboard_row__experiment__data_check__version__dataset",
            "current__parts__version__leaderboard_row__experiment__version__dataset",
        )
        self.served = {each.pk: self._served(each) for each in found}
        self.is_ready = True

    def watch(self, stop: threading.Event) -> None:
        """Look again and again until asked to stop."""
        while not stop.wait(LOOK_EVERY_SECONDS):
            try:
                self.look()
            except Exception:
                # What is open goes on answering while the database is away.
                log.exception("deployments could not be looked at; next try soon")
                connection.close()

    def named(self, name: str, workspaces: Iterable[int]) -> list[Served]:
        """Return the deployments of a name in some workspaces."""
        own = set(workspaces)
        return [each for each in self.served.values() if each.name == name and each.workspace_id in own]

    def _served(self, deployment: Deployment) -> Served:
        now = deployment.current
        versions = [part.version for part in now.parts.all()] if now else []
        hidden = [self._hidden_of(version) for version in versions]
        key = (now.pk if now else None, tuple(hidden), tuple((v.state, v.has_expired) for v in versions))
        known = self.served.get(deployment.pk)
        as_before = known if known is not None and known.key == key else None
        if as_before is not None and not (as_before.is_lacking and self._rounds % OPEN_AGAIN_EVERY == 0):
            return as_before
        members, refusal = self._members(deployment, now, hidden)
        if as_before is not None and len(members) <= len(as_before.members):
            return as_before  # what is open goes on answering while the rest still cannot be opened
        is_lacking = now is not None and now.is_on and len(members) < len(versions)
        return Served(
            deployment.pk, deployment.workspace_id, deployment.workspace.slug, deployment.name,
            deployment.environment, deployment.salt, now.number if now else 0, members, refusal, key, is_lacking,
        )  # fmt: skip

    def _members(
        self, deployment: Deployment, now: Configuration | None, hidden: list[tuple[str, ...]]
    ) -> tuple[tuple[Member, ...], Sentence | None]:
        if now is None or not now.is_on:
            return (), Sentence(IS_OFF, {"name": deployment.name})
        members: list[Member] = []
        parts = sorted(zip(now.parts.all(), hidden, strict=True), key=lambda pair: pair[0].role != Role.CHAMPION)
        for part, names in parts:
            try:
                members.append(self._member(deployment, part, names))
            except ExperimentError as refused:
                if part.role == Role.CHAMPION:
                    return (), refused.sentence
                # Whoever was to go to it goes to the champion.
                log.warning("%s leaves out %s: %s", deployment, part, refused)
            except DatabaseFailure:
                raise
            except Exception:
                # One model that cannot be opened takes no other deployment with it.
                log.exception("%s could not be opened for %s", part.version, deployment)
                if part.role == Role.CHAMPION:
                    return (), Sentence(BROKEN, {"version": str(part.version)})
        return tuple(members), None

    def _member(self, deployment: Deployment, part: Part, hidden: tuple[str, ...]) -> Member:
        version = part.version
        told = {"version": str(version), "name": deployment.name}
        if version.state != VersionState.APPROVED:
            raise NotServed(RETIRED, **told)
        if version.has_expired:
            raise NotServed(EXPIRED, **told)
        signed.require_as_approved(version)
        try:
            artifact = self.opened.model(
                {"folder": version.artifact_path, "hash": version.artifact_hash, "seal": version.artifact_seal}
            )
        except MemoryError:
            raise NotServed(TOO_LARGE, **told) from None
        model = version.registered_model.name
        artifact = artifact.without_reasons_of(hidden)
        # What is needed for the first row is loaded with it: a request would wait for that.
        score_rows(artifact, table_of(artifact, [dict.fromkeys(artifact.columns_heard)]))
        return Member(version.pk, version.number, model, part.role, part.percent, artifact)

    def _hidden_of(self, version: ModelVersion) -> tuple[str, ...]:
        """Return the columns that no reason may name: what the dictionary says today counts."""
        if version.pk not in self._hidden:
            self._hidden[version.pk] = hidden_columns([version.leaderboard_row.experiment]).unshown
        return self._hidden[version.pk]
