from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries


class ProjectConfig(AppConfig):
    """The composition root as an app: commands, checks and template tags."""

    name = "spaces_project"
    verbose_name = "Spaces"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)

        _listen_less()


def _listen_less() -> None:
    """Of what Django does at the ends of each request, leave out what has nothing to do here: it took a fifteenth of a
    short one. There is no cache; no request leaves a connection to the next, nor changes the map of URLs, which each
    sets anew; and statements are logged only while debugging."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
    request_finished.disconnect(reset_urlconf)
    if not settings.DEBUG:
        request_started.disconnect(reset_queries)


class OperationsConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "spaces_project.admin_site.OperationsSite"
