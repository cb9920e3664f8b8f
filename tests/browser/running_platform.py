"""The platform as a newcomer starts it, samples and all, and as a person or a program meets it over HTTP."""

from tests.jobs.platform_process import PlatformProcess


class RunningPlatform(PlatformProcess):
    """``manage.py up`` with the product's own settings and its sample workspace."""

    settings = "config.settings"
    arguments = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"
