"""The small table, the question on it and the finished run that the tests of training use."""

from tests.api.conftest import caller  # noqa: F401 - fixtures
from tests.training.conftest import ask, draft, finish, started, version  # noqa: F401 - fixtures
