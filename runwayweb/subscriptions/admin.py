from django.contrib import admin

from .models import Checkout, Customer, Entry, Lot, Pack, Payment, Plan, StripeEvent, Subscription, Wallet


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
    list_display = ["workspace", "available", "held", "spent", "expired", "debt", "granted"]
    search_fields = ["workspace__name"]


@admin.register(Lot)
class LotAdmin(ReadOnly):
    list_display = ["reference", "wallet", "source", "amount", "available", "held", "spent", "expires_at"]
    list_filter = ["source"]
    search_fields = ["reference", "wallet__workspace__name"]


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ["created_at", "wallet", "kind", "amount", "reference"]
    list_filter = ["kind"]
    search_fields = ["reference"]


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "is_public", "monthly_cents", "yearly_cents", "credits_a_month"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Pack)
class PackAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "is_public", "credits", "cents"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin):
    list_display = ["workspace", "plan", "status", "interval", "period_end", "cancels_at"]
    list_filter = ["plan", "status"]
    search_fields = ["workspace__name", "workspace__memberships__user__email", "stripe_customer", "stripe_id"]
    raw_id_fields = ["workspace"]


@admin.register(Payment)
class PaymentAdmin(ReadOnly):
    list_display = ["created_at", "workspace", "number", "status", "cents", "currency", "credits", "taken_back"]
    list_filter = ["status"]
    search_fields = ["workspace__name", "stripe_id", "intent", "number"]


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnly):
    list_display = ["happened_at", "type", "about", "customer", "outcome", "came"]
    list_filter = ["type"]
    search_fields = ["stripe_id", "about", "customer"]


@admin.register(Customer)
class CustomerAdmin(ReadOnly):
    list_display = ["workspace", "stripe_id", "read_at"]
    search_fields = ["workspace__name", "stripe_id"]


@admin.register(Checkout)
class CheckoutAdmin(ReadOnly):
    list_display = ["created_at", "workspace", "what", "ended_at"]
    search_fields = ["workspace__name", "stripe_id"]
