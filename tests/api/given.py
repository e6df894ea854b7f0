"""What programs put into bodies, and what they hear of it."""

import base64
import io
from urllib.parse import urlsplit

from runwayweb.assets.models import Asset
from runwayweb.assets.serve import FILES


def as_data(picture):
    """A PIL image as a data: URI."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def clip_as_data(data, kind="video/mp4"):
    """The bytes of a clip as a data: URI."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def issue_of(answer):
    """(path, message) of the one fault that a body has."""
    assert answer.status_code == 400, answer.content
    told = answer.json()
    assert told["error"] == "Validation of body failed" and told["docUrl"].endswith("/developers/")
    [issue] = told["issues"]
    return issue["path"], issue["message"]


def fetched(client, address):
    """(media type, bytes) of what lies at an address that a task told, for whoever has no key."""
    answer = client.head(address)
    assert answer.status_code == 200
    _media, id, name = urlsplit(address).path.strip("/").split("/")
    # Not from the answer: whoever is sent a file leaves the database to others, and with it this story's transaction.
    stored = getattr(Asset.objects.get(pk=id), FILES[name][0])
    assert stored.size == int(answer["Content-Length"])
    with stored.open() as file:
        return answer["Content-Type"], file.read()
