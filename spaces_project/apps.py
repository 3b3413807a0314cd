from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The composition root as an app: commands, checks and template tags."""

    name = "spaces_project"
    verbose_name = "Spaces"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)
