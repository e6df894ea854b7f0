from django.urls import path

from . import keys, webhooks

app_name = "api"

urlpatterns = [
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<int:id>/revocation/", keys.key_revocation, name="key-revocation"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<uuid:id>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<uuid:id>/rotation/", webhooks.webhook_rotation, name="webhook-rotation"),
    path("settings/webhooks/<uuid:id>/switch/", webhooks.webhook_switch, name="webhook-switch"),
    path("settings/webhooks/<uuid:id>/test/", webhooks.webhook_test, name="webhook-test"),
    path("settings/webhooks/<uuid:id>/replay/", webhooks.webhook_replay, name="webhook-replay"),
    path("settings/webhooks/<uuid:id>/deletion/", webhooks.webhook_deletion, name="webhook-deletion"),
    path("settings/deliveries/<uuid:id>/replay/", webhooks.delivery_replay, name="delivery-replay"),
]
