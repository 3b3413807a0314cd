from .access import SpaceAccess
from .accounts import Account
from .api_keys import ApiKey, ApiKeySpace
from .audit import AuditEntry
from .contacts import Contact
from .export_links import ExportLink
from .groups import Group, GroupMembership
from .saved_views import SavedView
from .spaces import Space
from .users import User
from .webhooks import Webhook, WebhookDelivery

__all__ = [
    "Account",
    "ApiKey",
    "ApiKeySpace",
    "AuditEntry",
    "Contact",
    "ExportLink",
    "Group",
    "GroupMembership",
    "SavedView",
    "Space",
    "SpaceAccess",
    "User",
    "Webhook",
    "WebhookDelivery",
]
