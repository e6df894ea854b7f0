import { compact } from "lib/cut"

const QUIET_MS = 700        // after the last change, before it is sent
const RETRY_MS = [1_000, 2_000, 5_000, 10_000]
const REMEMBERED = 300      // steps that can be undone
const KEEPALIVE_BYTES = 60_000

/**
 * The cut of this window: changed, undone and kept on the server. `state` is "saved", "changed", "saving", "offline",
 * "conflict" or "refused". Listeners are called with the cut that was before.
 */
export class CutStore {
  state = "saved"
  refusal = ""
  #undo = []
  #redo = []
  #listeners = new Set()
  #timer
  #attempts = 0
  #kept                     // the cut as the server has it

  constructor({ cut, version }, { url, headers }) {
    Object.assign(this, { cut, version, url, headers })
    this.#kept = cut
    addEventListener("pagehide", () => this.#leave())
    addEventListener("beforeunload", (event) => { if (this.isDirty && this.state !== "saving") event.preventDefault() })
    addEventListener("online", () => this.state === "offline" && this.save())
  }

  get isDirty() { return this.cut !== this.#kept }
  get canUndo() { return this.#undo.length > 0 }
  get canRedo() { return this.#redo.length > 0 }

  listen(receive) { this.#listeners.add(receive) }

  /** The next cut. `merge`: a name; changes of the same name one after the other are undone together. */
  change(cut, { merge = null } = {}) {
    if (cut === this.cut) return false
    if (!merge || this.#undo.at(-1)?.merge !== merge) this.#undo.push({ cut: this.cut, merge })
    if (this.#undo.length > REMEMBERED) this.#undo.shift()
    this.#redo = []
    this.#show(cut)
    return true
  }

  /** Changes that come after this are undone apart from those before. */
  settle() { if (this.#undo.length) this.#undo.at(-1).merge = null }

  undo() { this.#step(this.#undo, this.#redo) }
  redo() { this.#step(this.#redo, this.#undo) }

  /** Send what was changed, now. Resolves when it is kept, or could not be. */
  async save() {
    clearTimeout(this.#timer)
    if (!this.isDirty || this.state === "saving" || this.state === "conflict") return !this.isDirty
    const sent = this.cut
    this.#become("saving")
    let answer
    try {
      answer = await this.#post(sent, this.version)
    } catch {
      return this.#tryLater()
    }
    if (answer.status === 409) {
      const { version, by } = await answer.json()
      this.conflict = { version, by }
      this.#become("conflict")
    } else if (answer.status === 422 || answer.status === 403) {
      this.refusal = (await answer.json()).error
      this.#become("refused")
    } else if (!answer.ok) {
      return this.#tryLater()
    } else {
      this.version = (await answer.json()).version
      this.#kept = sent
      this.#attempts = 0
      this.#become(this.isDirty ? "changed" : "saved")
      if (this.isDirty) this.#later(QUIET_MS)
    }
    return !this.isDirty
  }

  /** Take the cut of the server in place of this window's, which can be had back by undoing. */
  adopt({ cut, version }) {
    const mine = this.isDirty ? this.cut : null
    this.version = version
    this.#kept = cut
    if (mine) this.#undo.push({ cut: mine, merge: null })
    else this.#undo = []
    this.#redo = []
    this.conflict = null
    this.#tell(() => { this.cut = cut })
    this.#become("saved")
  }

  /** Keep this window's cut, over what another one kept meanwhile. */
  insist() {
    this.version = this.conflict.version
    this.conflict = null
    this.#become("changed")
    return this.save()
  }

  #step(from, to) {
    const step = from.pop()
    if (!step) return
    to.push({ cut: this.cut, merge: null })
    this.#show(step.cut)
  }

  #show(cut) {
    this.#tell(() => { this.cut = cut })
    if (this.state !== "conflict" && this.state !== "saving") this.#become(this.isDirty ? "changed" : "saved")
    this.#later(QUIET_MS)
  }

  #tell(change) {
    const before = this.cut
    change()
    for (const receive of this.#listeners) receive(before)
  }

  #later(milliseconds) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.save(), milliseconds)
  }

  #tryLater() {
    this.#become("offline")
    this.#later(RETRY_MS[Math.min(this.#attempts++, RETRY_MS.length - 1)])
    return false
  }

  #become(state) {
    this.state = state
    dispatchEvent(new CustomEvent("cut:state", { detail: this }))
  }

  #post(cut, version, options = {}) {
    const body = JSON.stringify({ version, cut: compact(cut) })
    return fetch(this.url, { method: "POST", headers: { ...this.headers, "Content-Type": "application/json", Accept: "application/json" }, body, ...options })
  }

  // The page goes: what fits is sent along. What does not was asked about in "beforeunload".
  #leave() {
    if (!this.isDirty || this.state === "conflict" || this.state === "saving") return
    if (JSON.stringify(compact(this.cut)).length < KEEPALIVE_BYTES) this.#post(this.cut, this.version, { keepalive: true })
  }
}
