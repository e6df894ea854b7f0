// A clip from words: ask, wait, save. RUNWAYML_API_SECRET holds the key, RUNWAYML_BASE_URL the studio's address.

import { writeFile } from "node:fs/promises"
import RunwayML, { TaskFailedError } from "@runwayml/sdk"

const client = new RunwayML()

try {
  const task = await client.textToVideo
    .create({
      model: "gen4.5",
      promptText: "A red fox waits in a snowy forest, the camera moves closer",
      ratio: "1280:720",
      duration: 2,
    })
    .waitForTaskOutput()

  const clip = await fetch(task.output[0])
  await writeFile("fox.mp4", Buffer.from(await clip.arrayBuffer()))
  console.log("Saved fox.mp4")
} catch (error) {
  if (!(error instanceof TaskFailedError)) throw error
  console.error(`The clip could not be made: ${error.message}`)
  process.exitCode = 1
}
