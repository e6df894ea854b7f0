from django.contrib import admin

from .models import Entry, Wallet


class ReadOnly(admin.ModelAdmin):
    """The ledger is looked at here, never edited."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Wallet)
class WalletAdmin(ReadOnly):
    list_display = ["workspace", "available", "held", "spent", "granted"]
    search_fields = ["workspace__name"]


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ["created_at", "wallet", "kind", "amount", "reference"]
    list_filter = ["kind"]
    search_fields = ["reference"]
