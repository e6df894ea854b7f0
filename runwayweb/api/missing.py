"""What is not there, or not yet."""

from django.views.decorators.csrf import csrf_exempt

from .caller import Caller
from .errors import NOT_FOUND, ApiError, answer, refusal

LATER = {
    "avatars": "Avatars",
    "avatar_videos": "Videos of avatars",
    "avatar_conversations": "Conversations with avatars",
    "realtime_sessions": "Real-time sessions",
    "documents": "Documents for avatars",
    "video_to_hdr": "HDR from a video",
    "recipes": "This recipe",
    "avatar_usage": "Usage of avatars",
    "webapp": "Usage of the web app by API",
    "audit_logs": "The audit log by API",
}


@csrf_exempt
def missing(request):
    """404 for whoever has a key, 401 for whoever has none."""
    if request.path_info.startswith("/v1/"):
        try:
            Caller.of(request)
        except ApiError as error:
            return refusal(request, error)
    what = next((LATER[part] for part in reversed(request.path_info.split("/")) if part in LATER), None)
    return answer(404, f"{what} cannot be asked for here yet." if what else NOT_FOUND)
