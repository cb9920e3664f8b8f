"""FLAML as a search backend: its zero-shot portfolio first, then its cost-frugal local search, one walk a learner."""

import json
import math
from typing import Any

import flaml.default.suggest as zero_shot
from flaml import tune
from flaml.tune.searcher.blendsearch import CFO

from experiments.learners import LEARNERS
from experiments.learners.space import Domain, OneOf, Real, Space, clip, without_choice
from experiments.search.backend import Proposal

# A learner whose best AUC trails by this much gets e times less of the budget.
PATIENCE_AUC = 0.003
# Whatever gives an early result goes before anything costly.
BEFORE_ALL = 1_000
QUICK, FEW_ROWS = "lightgbm", 5_000
HOPELESS = 1e30
CLEARLY_BEHIND = (0.02, 0.008, 0.005, 0.004, 0.004)


class FlamlBackend:
    """Walks each learner's space with FLAML's CFO, and shares the budget by how far each is behind the best.

    FLAML's ``AutoML.fit`` owns its loop, its folds and its encoding; its searcher alone lets every trial run on our
    folds, with our encoding, under our clock.

    Parameters
    ----------
    known : AUC of families that were tried already, before any walk.
    """

    name = "flaml"

    def __init__(
        self,
        learners: list[str],
        *,
        rows: int,
        columns: int,
        numeric_share: float,
        seed: int,
        known: dict[str, float] | None = None,
    ) -> None:
        self._learners, self._rows, self._columns = learners, rows, columns
        self._numeric_share, self._seed = numeric_share, seed
        self._known = known or {}
        self._spent = dict.fromkeys(learners, 0.0)
        self._best: dict[str, float] = {}
        self._first_cost: dict[str, float] = {}
        self._best_folds: list[float] = []
        self._count = 0
        self._spaces = {name: _space_of(name, numeric_share) for name in learners}
        self._walks: dict[str, Any] = {}

    def suggest(self) -> Proposal | None:
        """Return the next step of the walk that has received the least for what it promises."""
        if not self._learners:
            return None
        learner = min(self._learners, key=self._claim)
        if learner not in self._walks:
            self._walks[learner] = self._begin(learner)
        token = f"{learner}-{self._count}"
        self._count += 1
        config = self._walks[learner].suggest(token)
        if config is None:
            self._spent[learner] += 1.0
            return Proposal(learner, {}, None)
        return Proposal(learner, clip(config, self._spaces[learner]), token)

    def _begin(self, learner: str) -> Any:
        # Where a quick shallow model beats the first deep one there is little to find, and other families begin as if
        # rows were few.
        is_faint = self._best.get(QUICK, 1.0) < self._known.get(QUICK, 0.0)
        return _walk(
            learner, self._spaces[learner], rows=min(self._rows, FEW_ROWS) if is_faint else self._rows,
            columns=self._columns, numeric_share=self._numeric_share, seed=self._seed + self._learners.index(learner),
        )  # fmt: skip

    def is_hopeless(self, proposal: Proposal, fold_aucs: list[float]) -> bool:
        """Prune a trial that is clearly behind the best on the same folds."""
        # Each family gets one full set of folds before any of its trials may be cut short.
        if proposal.learner not in self._best or len(self._best_folds) <= len(fold_aucs):
            return False
        # Rounded once, as all sums here: what `sum` makes of them depends on the version of Python.
        gap = math.fsum(self._best_folds[: len(fold_aucs)]) - math.fsum(fold_aucs)
        return gap / len(fold_aucs) > CLEARLY_BEHIND[min(len(fold_aucs), len(CLEARLY_BEHIND)) - 1]

    def tell(self, proposal: Proposal, auc: float | None, cost: float, *, is_complete: bool) -> None:
        """Let the walk take its step."""
        self._spent[proposal.learner] += cost
        self._first_cost.setdefault(proposal.learner, cost)
        value = 0.0 if auc is None else auc
        if is_complete:
            self._best[proposal.learner] = max(value, self._best.get(proposal.learner, 0.0))
        elif auc is None:
            self._best.setdefault(proposal.learner, 0.0)
        if proposal.token is not None:
            result = {"loss": 1.0 - value, "cost": cost, "training_iteration": 1}
            result.update({f"config/{name}": setting for name, setting in proposal.params.items()})
            self._walks[proposal.learner].on_trial_complete(proposal.token, result)

    def note_folds(self, fold_aucs: list[float]) -> None:
        """Remember the folds of the best trial so far."""
        if not self._best_folds or math.fsum(fold_aucs) > math.fsum(self._best_folds):
            self._best_folds = list(fold_aucs)

    def _claim(self, learner: str) -> float:
        """Return the cost a family stands at, inflated by how far it is behind; the lowest goes next."""
        about = LEARNERS[learner].about
        if about.shows_early is not None and learner not in self._best:
            return about.shows_early - BEFORE_ALL
        spent, gap = self._spent[learner], 0.0
        if self._best.get(learner) == 0.0:
            return HOPELESS + spent  # All its trials have failed so far: every other family goes first.
        if learner in self._best:
            own = max(self._best[learner], self._known.get(learner, 0.0))
            gap = max([own, *self._best.values()]) - own
        else:
            gap = about.gap
            spent += about.cost * self._unit_cost()
        return spent * math.exp(min(gap / PATIENCE_AUC, 50.0))

    def _unit_cost(self) -> float:
        """Return what a trial of LightGBM costs, as far as the first trials of others tell."""
        costs = [cost / LEARNERS[name].about.cost for name, cost in self._first_cost.items()]
        return math.fsum(costs) / len(costs) if costs else 1.0


def portfolio(learner: str, *, rows: int, columns: int, numeric_share: float) -> list[dict[str, Any]]:
    """Return FLAML's zero-shot configurations for a table of this shape, inside our space."""
    name = LEARNERS[learner].about.portfolio
    if name is None:
        return []
    path = zero_shot.LOCATION / name / "binary.json"
    predictor = json.loads(path.read_text(encoding="utf-8"))
    centre, scale = predictor["preprocessing"]["center"], predictor["preprocessing"]["scale"]
    shape = [rows, columns, 2, numeric_share]
    place = [(value - middle) / width for value, middle, width in zip(shape, centre, scale, strict=True)]
    nearest = min(predictor["neighbors"], key=lambda neighbour: math.dist(neighbour["features"], place))
    chosen = [predictor["portfolio"][number]["hyperparameters"] for number in nearest["choice"]]
    return [_translated(learner, settings, rows) for settings in chosen if settings][:2]


def _translated(learner: str, settings: dict[str, Any], rows: int) -> dict[str, Any]:
    space = LEARNERS[learner].space
    own = dict(LEARNERS[learner].first_configurations(rows, 1)[0])
    if "max_leaves" in settings:
        own["min_samples_leaf"] = max(2, rows // (2 * settings["max_leaves"]))
    own.update({name: value for name, value in settings.items() if name in space})
    return clip(own, space)


def _space_of(learner: str, numeric_share: float) -> Space:
    space = LEARNERS[learner].space
    # Without categorical columns there is only one encoding.
    return without_choice(space, "categories") if numeric_share == 1.0 else space


def _walk(learner: str, space: Space, *, rows: int, columns: int, numeric_share: float, seed: int) -> Any:
    known = LEARNERS[learner].first_configurations(rows, columns)
    known += portfolio(learner, rows=rows, columns=columns, numeric_share=numeric_share)
    starts: list[dict[str, Any]] = []
    for point in known:
        if (inside := clip(point, space)) not in starts:
            starts.append(inside)
    return CFO(
        metric="loss", mode="min", space=_flaml_space(space), low_cost_partial_config=LEARNERS[learner].low_cost,
        points_to_evaluate=starts, cost_attr="cost", seed=seed,
    )  # fmt: skip


def _flaml_space(space: Space) -> dict[str, Any]:
    return {name: _flaml_domain(domain) for name, domain in space.items()}


def _flaml_domain(domain: Domain) -> Any:
    if isinstance(domain, OneOf):
        return tune.choice(list(domain.options))
    if isinstance(domain, Real):
        return (tune.loguniform if domain.is_log else tune.uniform)(domain.low, domain.high)
    # FLAML's upper bound of whole numbers is exclusive.
    return (tune.lograndint if domain.is_log else tune.randint)(domain.low, domain.high + 1)
