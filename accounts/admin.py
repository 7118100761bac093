"""The audit log, people, bots, and what bots prove themselves by, as auditors see them."""

from django.contrib import admin

from accounts.models import ApiKey, AuditEntry, Bot, Membership, User, WebhookSecret


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "at", "event", "by", "bot", "facts", "job_id")
    list_filter = (("at", admin.DateFieldListFilter), "bot")
    list_select_related = ("by", "bot")
    search_fields = ("=number", "=event", "=request_id", "=by__username")
    search_help_text = "A number, an event such as key_issued, a request id, or a username."
    ordering = ("-number",)
    sortable_by = ()


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("username", "is_active", "is_superuser", "is_staff", "last_login")
    list_filter = ("is_active", "is_superuser", "is_staff")
    search_fields = ("=id", "username", "first_name", "last_name", "email")
    ordering = ("username",)
    exclude = ("password", "sessions_ended")


@admin.register(Bot)
class BotAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "created_at")
    search_fields = ("=id", "name", "slug")
    ordering = ("name",)
    exclude = ("sealed_salt",)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "user", "role", "created_at")
    list_filter = ("role", "bot")
    list_select_related = ("bot", "user")
    search_fields = ("=id", "user__username", "bot__name")
    ordering = ("-id",)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("id", "bot", "name", "prefix", "scopes", "created_by", "created_at", "expires_at"),
        *("last_used_at", "revoked_at"),
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "name", "=prefix", "=created_by__username")
    ordering = ("-id",)
    exclude = ("digest",)


@admin.register(WebhookSecret)
class WebhookSecretAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "bot", "prefix", "created_by", "created_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "bot")
    list_select_related = ("bot", "created_by")
    search_fields = ("=id", "=prefix", "=created_by__username")
    ordering = ("-id",)
    exclude = ("sealed",)
