from django.contrib import admin

from .models import Asset


@admin.register(Asset)
class AssetAdmin(admin.ModelAdmin):
    list_display = ["name", "workspace", "width", "height", "duration_seconds", "size_bytes", "created_at"]
    search_fields = ["name", "sha256"]
    raw_id_fields = ["workspace"]
