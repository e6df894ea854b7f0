// A picture of yours, moving: upload it, ask, wait, save. `node image_to_video.mjs PICTURE`

import { createReadStream } from "node:fs"
import { writeFile } from "node:fs/promises"
import { parse } from "node:path"
import RunwayML from "@runwayml/sdk"

const picture = process.argv[2]
const client = new RunwayML()

const upload = await client.uploads.createEphemeral({ file: createReadStream(picture) })
const task = await client.imageToVideo
  .create({
    model: "gen4_turbo",
    promptImage: upload.uri,
    promptText: "The camera circles slowly to the right",
    ratio: "1280:720",
    duration: 2,
  })
  .waitForTaskOutput()

const clip = `${parse(picture).name}.mp4`
const answer = await fetch(task.output[0])
await writeFile(clip, Buffer.from(await answer.arrayBuffer()))
console.log(`Saved ${clip}`)
