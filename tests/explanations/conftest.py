"""The small table, the question on it and the finished run that the tests of training use."""

from tests.training.conftest import ask, draft, explain, finish, version  # noqa: F401 - fixtures
