from django.urls import path

from . import views

app_name = "subscriptions"

urlpatterns = [
    path("pricing/", views.pricing, name="pricing"),
    path("announcements/<int:id>/dismissal/", views.announcement_dismissal, name="announcement-dismissal"),
]
