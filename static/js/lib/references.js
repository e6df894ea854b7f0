/** Names of references in a prompt, as the server finds them: generation/engine/tags.py. */
const BEFORE = "(?<![\\p{L}\\p{N}_@.+-])"

/** Whether `prompt` calls for “@name”. */
export function mentions(prompt, name) {
  return Boolean(name) && new RegExp(`${BEFORE}@${name.replace(/\W/g, "")}(?![\\p{L}\\p{N}_])`, "iu").test(prompt)
}

/** The name that is being written right before `caret`, without its @: "" after a bare @, null where none is. */
export function beingWritten(prompt, caret) {
  const found = new RegExp(`${BEFORE}@(\\w*)$`, "u").exec(prompt.slice(0, caret))
  return found ? found[1] : null
}

/** The names that a prompt calls, as they are written, each once, in order. */
export function mentioned(prompt) {
  const found = new Map()
  for (const [, name] of prompt.matchAll(new RegExp(`${BEFORE}@(\\p{L}[\\p{L}\\p{N}_]*)`, "gu")))
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name)
  return [...found.values()]
}
