from django.contrib import admin

from .models import Project


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["name", "workspace", "created_at", "archived_at", "deleted_at"]
    search_fields = ["name", "workspace__name"]
    raw_id_fields = ["workspace"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # files, credits and history hang on it: what is deleted is hidden first
