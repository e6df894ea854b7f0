// What the stories share. `told`: what the Python side knows of this studio, see tests/api/test_node_sdk.py.

import { readFileSync } from "node:fs"
import RunwayML from "@runwayml/sdk"

export const told = JSON.parse(readFileSync("told.json", "utf8"))

/** Runway's client. It asks once, so that a refusal is told at once. */
export const runway = new RunwayML({ maxRetries: 0 })

/** The type and the bytes of an output. */
export async function fetched(url) {
  const answer = await fetch(url)
  return [answer.headers.get("content-type"), new Uint8Array(await answer.arrayBuffer())]
}
