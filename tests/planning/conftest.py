"""The small table and the question on it that the tests of training use."""

from tests.training.conftest import ask, draft, finish, started, version  # noqa: F401 - fixtures
