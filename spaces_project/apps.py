from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.cache import close_caches
from django.core.signals import request_finished


class ProjectConfig(AppConfig):
    """The composition root as an app: commands, checks and template tags."""

    name = "spaces_project"
    verbose_name = "Spaces"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)

        request_finished.disconnect(close_caches)  # there is no cache, and looking for one took 2 % of a request


class OperationsConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "spaces_project.admin_site.OperationsSite"
