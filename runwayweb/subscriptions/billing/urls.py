from django.urls import path

from .views import billing, changes, checkout, webhook

app_name = "billing"

urlpatterns = [
    path("settings/billing/", billing.billing, name="billing"),
    path("settings/billing/next/", billing.next_invoice, name="next-invoice"),
    path("settings/billing/checkout/", checkout.checkout, name="checkout"),
    path("settings/billing/checkout/done/", checkout.done, name="checkout-done"),
    path("settings/billing/credits/", checkout.pack, name="pack"),
    path("settings/billing/portal/", checkout.portal, name="portal"),
    path("settings/billing/change/", changes.change, name="change"),
    path("settings/billing/cancellation/", changes.cancellation, name="cancellation"),
    path("settings/billing/resumption/", changes.resumption, name="resumption"),
    path("billing/webhook", webhook.webhook, name="webhook"),
]
