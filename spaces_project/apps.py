from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ProjectConfig(AppConfig):
    """The composition root as an app: commands, checks and template tags."""

    name = "spaces_project"
    verbose_name = "Spaces"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)


class OperationsConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "spaces_project.admin_site.OperationsSite"
