"""How often the rows that were set aside have been read."""

from typing import Any

from tests.registry.conftest import finished_experiment, stand_in_engine  # noqa: F401 - fixtures
from training.repeating import peeks_before


def test_a_repeated_run_counts_the_readings_of_the_run_it_repeats(finished_experiment: Any) -> None:  # noqa: F811
    first, again = finished_experiment(), finished_experiment(name="Again")
    first.out_of_time_peeks = 2
    first.save()
    assert (peeks_before(first), peeks_before(again)) == (0, 0)

    again.result = {**again.result, "repeats": {"experiment": first.pk, "hashes": {}}}

    assert peeks_before(again) == 2
