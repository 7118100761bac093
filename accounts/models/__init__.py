"""People, bots, who may work on which, what bots prove themselves by, and the audit log."""

from accounts.models.audit import AuditEntry
from accounts.models.people import (
    SETUP_LASTS,
    ApiKey,
    Authenticator,
    Bot,
    Membership,
    Scope,
    State,
    User,
    UserManager,
    WebhookSecret,
)

__all__ = [
    "SETUP_LASTS",
    "ApiKey",
    "AuditEntry",
    "Authenticator",
    "Bot",
    "Membership",
    "Scope",
    "State",
    "User",
    "UserManager",
    "WebhookSecret",
]
