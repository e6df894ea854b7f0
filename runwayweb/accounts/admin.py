from allauth.account.admin import EmailAddressAdmin
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from .models import AuditEntry, Invitation, Membership, User, Workspace

# allauth asks nobody who says that an address is confirmed whether they may: looking was enough.
EmailAddressAdmin.make_verified.allowed_permissions = ["change"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]

    def has_delete_permission(self, request, obj=None):
        return False  # it would leave workspaces without an owner; one is made inactive instead


class OnlyToLookAt:
    """What is changed by its verbs alone: they see to it that there is an owner, and a line in the log."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class MembershipInline(OnlyToLookAt, admin.TabularInline):
    model = Membership


class InvitationInline(OnlyToLookAt, admin.TabularInline):
    model = Invitation
    fields = ["email", "role", "by", "sent_at", "expires_at", "accepted_at", "revoked_at"]
    fk_name = "workspace"


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name", "memberships__user__email"]
    inlines = [MembershipInline, InvitationInline]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = ["created_at", "workspace", "by_name", "action", "about"]
    list_filter = ["action"]
    search_fields = ["by_name", "about", "workspace__name"]
    list_select_related = ["workspace"]
    date_hierarchy = "created_at"
