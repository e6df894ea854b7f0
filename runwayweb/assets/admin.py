from django.contrib import admin

from .models import Asset


@admin.register(Asset)
class AssetAdmin(admin.ModelAdmin):
    list_display = ["name", "workspace", "width", "height", "duration_seconds", "size_bytes", "created_at"]
    search_fields = ["name", "sha256"]
    raw_id_fields = ["workspace"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # files, credits and history hang on it: what is deleted is hidden first
