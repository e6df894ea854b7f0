"""A picture of yours, moving: upload it, ask, wait, save. `python image_to_video.py PICTURE`"""

import asyncio
import sys
import urllib.request
from pathlib import Path

from runwayml import AsyncRunwayML, TaskFailedError


async def main(picture):
    client = AsyncRunwayML()
    upload = await client.uploads.create_ephemeral(file=picture)
    task = await client.image_to_video.create(
        model="gen4_turbo",
        prompt_image=upload.uri,
        prompt_text="The camera circles slowly to the right",
        ratio="1280:720",
        duration=2,
    )
    try:
        ended = await task.wait_for_task_output()
    except TaskFailedError as error:
        sys.exit(f"The clip could not be made: {error.task_details.failure}")
    clip = picture.with_suffix(".mp4").name
    urllib.request.urlretrieve(ended.output[0], clip)
    print(f"Saved {clip}")


asyncio.run(main(Path(sys.argv[1])))
