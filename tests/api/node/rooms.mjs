import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout } from "node:timers/promises"
import { BadRequestError, NotFoundError, toFile } from "@runwayml/sdk"
import { fetched, runway, told } from "./studio.mjs"

const nobody = "17f20503-6c24-4c16-946b-35dbbce2af2f"

test("a file is uploaded and used by its address", async () => {
  const bytes = Buffer.from(told.media.picture.split(",")[1], "base64")
  const { uri } = await runway.uploads.createEphemeral({ file: await toFile(bytes, "fox.png") })
  assert.match(uri, /^runway:\/\//)
  const asked = { model: "gen4_turbo", promptImage: uri, promptText: "closer", ratio: "1280:720", duration: 2 }
  const { id } = await runway.imageToVideo.create(asked)
  await runway.tasks.delete(id)
})

test("credits, limits and use are told", async () => {
  const organization = await runway.organization.retrieve()
  assert.ok(organization.creditBalance > 0 && Object.keys(organization.tier.models).length > 0)
  const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
  const { results } = await runway.organization.retrieveUsage({ startDate: day(-1), beforeDate: day(1) })
  assert.equal(results.length, 2)
})

test("rules are kept, changed, followed and thrown away", async () => {
  const slug = `node-${Date.now()}`
  const router = await runway.routers.create({ slug, settings: { optimizeFor: "cost" } })
  const changed = await runway.routers.update(router.id, { settings: { optimizeFor: "quality" } })
  assert.equal(changed.version, router.version + 1)
  assert.equal((await runway.routers.retrieve(router.id)).slug, slug)
  const kept = []
  for await (const one of runway.routers.list({ limit: 1 })) kept.push(one.id)  // page by page
  assert.ok(kept.includes(router.id))
  const made = [
    await runway.generate.video.create({ configId: slug, input: { promptText: "A red fox", duration: 2 } }),
    await runway.generate.image.create({ configId: slug, input: { promptText: "A red fox" } }),
    await runway.generate.audio.create({ configId: slug, input: { type: "audio", promptText: "Rain", duration: 1 } }),
  ]
  for (const { id } of made) await runway.tasks.delete(id)
  const asked = []
  for await (const request of runway.routers.listRequests(router.id, { limit: 50 })) asked.push(request.taskId)
  for (const { id } of made) assert.ok(asked.includes(id))
  await runway.routers.delete(router.id)
  await assert.rejects(runway.routers.retrieve(router.id), NotFoundError)
})

test("a voice that nothing here can speak with says so", async () => {
  const from = { type: "text", model: "eleven_ttv_v3", prompt: "A calm woman who tells stories at night" }
  await assert.rejects(runway.voices.create({ name: "Nova", from }), BadRequestError)
  await assert.rejects(runway.voices.preview({ model: from.model, prompt: from.prompt }), BadRequestError)
  await assert.rejects(runway.voices.update(nobody, { name: "Nova" }), NotFoundError)
  await assert.rejects(runway.voices.retrieve(nobody), NotFoundError)
  await assert.rejects(runway.voices.delete(nobody), NotFoundError)
  for await (const voice of runway.voices.list({ limit: 10 })) assert.fail(voice.id)
})

test("a workflow is found, run and followed to its end", async () => {
  const published = await runway.post("/v1/workflows", { body: { name: "Fox, heard", graph: told.graph } })
  const { data } = await runway.workflows.list()
  assert.ok(data.some(({ versions }) => versions.some(({ id }) => id === published.id)))
  assert.equal((await runway.workflows.retrieve(published.id)).version, published.version)
  const { id } = await runway.workflows.run(published.id)
  const until = Date.now() + 300_000
  let invocation
  while (["PENDING", "RUNNING"].includes((invocation = await runway.workflowInvocations.retrieve(id)).status)) {
    assert.ok(Date.now() < until, JSON.stringify(invocation))
    await setTimeout(500)
  }
  assert.equal(invocation.status, "SUCCEEDED")
  const [[address]] = Object.values(invocation.output)
  assert.equal((await fetched(address))[0], "video/mp4")
})

test("a film of several shots is one task", async () => {
  const told = { version: "2026-06", ratio: "1280:720", duration: 5 }
  const shots = Array.from({ length: 5 }, (_, take) => ({ prompt: `A red fox, take ${take}`, duration: 1 }))
  const made = [
    await runway.recipes.multiShotVideo({ mode: "custom", shots, ...told }),
    await runway.recipes.multiShotVideo({ mode: "auto", prompt: "A fox waits, then runs home", ...told }),
  ]
  for (const { id } of made) {
    assert.ok(["PENDING", "THROTTLED", "RUNNING"].includes((await runway.tasks.retrieve(id)).status))
    await runway.tasks.delete(id)
  }
})
