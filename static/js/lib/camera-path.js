/** A camera's path as text, as keys, and from above. A key is { at, orbit, rise, dolly, truck, pan, tilt, zoom }: `at` from
    0 to 1, all else told from the framed picture. The server's words for it: generation/engine/camera_text.py. */
const NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)"
const KEY = new RegExp(`^(${NUMBER})\\s*%((?:[\\s,]*[a-z]+\\s*${NUMBER})*)\\s*$`)
const QUANTITY = new RegExp(`([a-z]+)\\s*(${NUMBER})`, "g")
const radians = (degrees) => degrees * Math.PI / 180
const short = (number) => String(Number(Number(number).toFixed(4)))

/** The keys of `text`, or null where a line is none. `framed`: every quantity but `at` as it is where nothing is said. */
export function keysOf(text, framed) {
  const keys = []
  for (const line of text.toLowerCase().split(/[;\n]/).map((line) => line.trim()).filter(Boolean)) {
    const found = KEY.exec(line)
    const told = found ? [...found[2].matchAll(QUANTITY)].map(([, name, number]) => [name, Number(number)]) : []
    if (!found || told.some(([name]) => !(name in framed))) return null
    keys.push({ ...framed, ...Object.fromEntries(told), at: Number(found[1]) / 100 })
  }
  return keys
}

/** What `keysOf` reads: a key a line. */
export function textOf(keys, framed) {
  return keys.map((key) => {
    const told = Object.keys(framed).filter((name) => key[name] !== framed[name]).map((name) => `${name} ${short(key[name])}`)
    return `${short(100 * key.at)}% ${told.join(", ")}`.trim()
  }).join("\n")
}

/** The key at a moment, as the camera really goes there: cubics that stay between their keys (Fritsch and Butland 1984). */
export function keyAt(keys, at) {
  const nth = Math.max(0, Math.min(keys.length - 2, keys.findLastIndex((key) => key.at <= at)))
  const [here, there] = [keys[nth], keys[nth + 1]]
  const t = Math.max(0, Math.min(1, (at - here.at) / (there.at - here.at)))
  const between = Object.keys(here).filter((name) => name !== "at").map((name) => {
    const [one, other] = name === "zoom" ? [Math.log, Math.exp] : [Number, Number]
    const value = (key) => one(key[name])
    const bend = slope(keys, nth, value) * (1 - t) - slope(keys, nth + 1, value) * t
    const curve = value(here) + (value(there) - value(here)) * t * t * (3 - 2 * t)
    return [name, other(curve + (there.at - here.at) * t * (1 - t) * bend)]
  })
  return { ...Object.fromEntries(between), at }
}

function slope(keys, nth, value) {
  const [before, key, after] = [keys[nth - 1], keys[nth], keys[nth + 1]]
  if (!before || !after) return 0
  const [left, right] = [key.at - before.at, after.at - key.at]
  const [rise, next] = [(value(key) - value(before)) / left, (value(after) - value(key)) / right]
  if (!(rise * next > 0)) return 0
  return 3 * (left + right) / ((2 * right + left) / rise + (right + 2 * left) / next)
}

/** Where a camera stands, metres right of and before its subject, and where it looks, both seen from above.
    `distance`: of the framed picture. */
export function fromAbove(key, distance) {
  const [around, turned] = [radians(key.orbit), radians(key.orbit - key.pan)]
  const away = distance - key.dolly
  return {
    x: away * Math.sin(around) + key.truck * Math.cos(around),
    y: away * Math.cos(around) - key.truck * Math.sin(around),
    heading: [-Math.sin(turned), -Math.cos(turned)],
  }
}
