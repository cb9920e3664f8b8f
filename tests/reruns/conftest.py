"""Re-runs are of experiments: what those tests stand on stands in ``tests/training``."""

from tests.training.conftest import ask, draft, engine, finish, version
from tests.training.test_real_comparison import real_run

__all__ = ["ask", "draft", "engine", "finish", "real_run", "version"]
