"""Taking one's data along."""

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.db import close_old_connections
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from projects.own_data import own_data
from runwayweb.assets import archive


@login_required
@require_safe
async def data(request):
    """All of it as one ZIP, made while it is sent and kept nowhere: for whoever asks, and nobody else ever."""
    texts, files = await sync_to_async(own_data)(await request.auser())
    await sync_to_async(close_old_connections)()  # as media does: whoever downloads takes their time
    response = StreamingHttpResponse(archive.pieces(files, texts, "files/"), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="runwayweb {timezone.now():%Y-%m-%d}.zip"'
    response["Cache-Control"] = "no-store"
    return response
