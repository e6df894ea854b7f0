import assert from "node:assert/strict"
import { test } from "node:test"
import RunwayML, {
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "@runwayml/sdk"
import { runway, told } from "./studio.mjs"

const fox = { model: "gen4.5", promptText: "A fox", ratio: "1280:720", duration: 2 }

test("400 names the field", async () => {
  await assert.rejects(runway.textToVideo.create({ ...fox, ratio: "1280:768" }), (error) => {
    assert.ok(error instanceof BadRequestError)
    assert.equal(error.status, 400)
    assert.equal(error.error.error, "Validation of body failed")
    assert.deepEqual(error.error.issues[0].path, ["ratio"])
    return true
  })
})

test("400 for another version of the contract", async () => {
  const old = new RunwayML({ runwayVersion: "2020-01-01", maxRetries: 0 })
  await assert.rejects(old.tasks.retrieve("none"), BadRequestError)
})

test("401 for a key that opens nothing", async () => {
  const stranger = new RunwayML({ apiKey: "key_of_somewhere_else", maxRetries: 0 })
  await assert.rejects(stranger.tasks.retrieve("none"), (error) => {
    assert.ok(error instanceof AuthenticationError)
    assert.equal(error.error.error, "Missing or invalid API key")
    return true
  })
})

test("403 where the plan has no access by API", async () => {
  const outside = new RunwayML({ apiKey: told.outside, maxRetries: 0 })
  await assert.rejects(outside.organization.retrieve(), PermissionDeniedError)
})

test("429 says when to come back", async () => {
  const hasty = new RunwayML({ apiKey: told.hasty, maxRetries: 0 })
  const asked = Array.from({ length: 5 }, () => hasty.organization.retrieve())
  const { reason } = (await Promise.allSettled(asked)).find(({ status }) => status === "rejected")
  assert.ok(reason instanceof RateLimitError)
  assert.ok(Number(reason.headers.get("retry-after")) > 0)
})

test("404 for what is not there", async () => {
  await assert.rejects(runway.tasks.retrieve("17f20503-6c24-4c16-946b-35dbbce2af2f"), NotFoundError)
})

test("409 for a name that is taken", async () => {
  const slug = `rules-${Date.now()}`
  await runway.routers.create({ slug })
  await assert.rejects(runway.routers.create({ slug }), ConflictError)
})

test("5xx while the database is away", async () => {
  const away = new RunwayML({ baseURL: told.away, maxRetries: 0 })
  await assert.rejects(away.tasks.retrieve("none"), (error) => {
    assert.ok(error instanceof InternalServerError)
    assert.equal(error.status, 503)
    assert.equal(error.headers.get("retry-after"), "5")
    return true
  })
})
