"""What operators see of each model. Found by Django's autodiscovery."""

from . import openpyxl_alone  # noqa: F401

# isort: split
from . import access, accounts, assistants, chats, folders, memories, records, webhooks

__all__ = ["access", "accounts", "assistants", "chats", "folders", "memories", "records", "webhooks"]
