"""A clip from words: ask, wait, save. RUNWAYML_API_SECRET holds the key, RUNWAYML_BASE_URL the studio's address."""

import sys
import urllib.request

from runwayml import RunwayML, TaskFailedError

client = RunwayML()

try:
    task = client.text_to_video.create(
        model="gen4.5",
        prompt_text="A red fox waits in a snowy forest, the camera moves closer",
        ratio="1280:720",
        duration=2,
    ).wait_for_task_output()
except TaskFailedError as error:
    sys.exit(f"The clip could not be made: {error.task_details.failure}")

urllib.request.urlretrieve(task.output[0], "fox.mp4")
print("Saved fox.mp4")
