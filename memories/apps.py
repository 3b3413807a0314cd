from django.apps import AppConfig


class MemoriesConfig(AppConfig):
    name = "memories"

    def ready(self) -> None:
        from spaces import belongings

        from .belongings import OF_CONTACTS

        belongings.register(OF_CONTACTS)
