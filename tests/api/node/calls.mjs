import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { NotFoundError, BadRequestError } from "@runwayml/sdk"
import { fetched, runway, told } from "./studio.mjs"

const { clip, performance, picture, sound } = told.media
const model = "built-in"  // ours, which draws frames smaller than any that Runway's names have
const voice = { type: "runway-preset", presetId: "Maya" }

// Every call that makes work, as the client's types have it, and how it is called in told.made and told.lacks.
const calls = {
  text_to_video: () =>
    runway.textToVideo.create({ model, promptText: "A red fox in a forest", ratio: "320:180", duration: 1 }),
  image_to_video: () =>
    runway.imageToVideo.create({
      model,
      promptImage: [{ uri: picture, position: "first" }],
      promptText: "The camera moves closer",
      ratio: "320:180",
      duration: 1,
    }),
  text_to_image: () =>
    runway.textToImage.create({ model, promptText: "A red fox in a forest", ratio: "320:180" }),
  character_performance: () =>
    runway.characterPerformance.create({
      model: "act_two",
      character: { type: "image", uri: picture },
      reference: { type: "video", uri: performance },
      ratio: "1280:720",
      bodyControl: true,
      expressionIntensity: 3,
    }),
  video_upscale: () =>
    runway.videoUpscale.create({ model: "magnific_video_upscaler_creative", videoUri: clip, resolution: "720p" }),
  enhance_frame_rate: () =>
    runway.videoUpscale.create({ model: "enhance_frame_rate", videoUri: clip, targetFramerate: "24" }),
  image_upscale: () =>
    runway.imageUpscale.create({ model: "magnific_precision_upscaler_v2", imageUri: picture, scaleFactor: 2 }),
  sound_effect: () =>
    runway.soundEffect.create({
      model: "eleven_text_to_sound_v2",
      promptText: "A fox walks in the rain",
      duration: 1,
    }),
  text_to_speech: () =>
    runway.textToSpeech.create({
      model: "eleven_multilingual_v2",
      promptText: "I waited for you by the river.",
      voice,
    }),
  voice_isolation: () => runway.voiceIsolation.create({ model: "eleven_voice_isolation", audioUri: sound }),
  voice_dubbing: () =>
    runway.voiceDubbing.create({ model: "eleven_voice_dubbing", audioUri: sound, targetLang: "en" }),
  speech_to_speech: () =>
    runway.speechToSpeech.create({
      model: "eleven_multilingual_sts_v2",
      media: { type: "audio", uri: sound },
      voice,
    }),
}

describe("what is installed", { concurrency: true }, () => {
  for (const [name, kind] of Object.entries(told.made)) {
    test(`${name} is asked for, waited for and fetched`, async () => {
      const ended = await calls[name]().waitForTaskOutput({ timeout: 400_000 })
      assert.equal(ended.status, "SUCCEEDED")
      assert.ok(!Number.isNaN(Date.parse(ended.createdAt)))
      for (const url of ended.output) {
        const [type, bytes] = await fetched(url)
        assert.equal(type, kind)
        assert.ok(bytes.length > 100)
      }
    })
  }
})

describe("what nothing installed can do", { concurrency: true }, () => {
  for (const [name, sentence] of Object.entries(told.lacks)) {
    test(`${name} says what to install`, async () => {
      await assert.rejects(calls[name](), (error) => {
        assert.ok(error instanceof BadRequestError)
        assert.deepEqual(error.error.issues.map((issue) => [issue.path, issue.message]), [[["model"], sentence]])
        return true
      })
    })
  }
})

test("no call is left out", () => {
  assert.deepEqual(Object.keys(calls).sort(), [...Object.keys(told.made), ...Object.keys(told.lacks)].sort())
})

test("a clip from elsewhere cannot be painted anew by the model that is built in", async () => {
  const asked = { model: "aleph2", videoUri: clip, promptText: "A forest in the snow" }
  await assert.rejects(runway.videoToVideo.create(asked), (error) => {
    assert.deepEqual(error.error.issues.map((issue) => issue.path), [["videoUri"]])
    return error instanceof BadRequestError
  })
})

test("a clip that was made here is painted anew", async () => {
  const { output: [videoUri] } = await calls.text_to_video().waitForTaskOutput({ timeout: 400_000 })
  const asked = { model: "aleph2", videoUri, promptText: "A forest in the snow" }
  const ended = await runway.videoToVideo.create(asked).waitForTaskOutput({ timeout: 400_000 })
  const [type, bytes] = await fetched(ended.output[0])
  assert.equal(type, "video/mp4")
  assert.ok(bytes.length > 100)
})

test("a task is looked at, cancelled and gone", async () => {
  const { id } = await calls.text_to_video()
  assert.ok(["PENDING", "THROTTLED", "RUNNING"].includes((await runway.tasks.retrieve(id)).status))
  await runway.tasks.delete(id)
  await assert.rejects(runway.tasks.retrieve(id), NotFoundError)
  await runway.tasks.delete(id)  // said twice, it is as gone as before
})
