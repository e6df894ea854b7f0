from django.contrib import admin

from .models import Generation, Worker


@admin.register(Generation)
class GenerationAdmin(admin.ModelAdmin):
    list_display = ["created_at", "status", "model", "workspace", "cost", "attempt", "failure_code"]
    list_filter = ["status", "model", "failure_code"]
    search_fields = ["id", "workspace__name"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Worker)
class WorkerAdmin(admin.ModelAdmin):
    list_display = ["kind", "name", "pid", "device", "started_at", "beat_at"]
