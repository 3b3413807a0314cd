"""Background jobs: what is done to the procrastinate app when it is ready."""

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Registers nothing yet."""
