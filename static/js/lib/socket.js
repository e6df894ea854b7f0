// One connection for the whole page. The server numbers the events of a workspace; what was missed while away is sent
// again from the last number seen, so nothing here has to remember more than that number.

const PING_MS = 20_000
const ANSWER_MS = 3_000       // after waking up: a socket that says nothing for this long is dead
const BACKOFF_MS = { first: 500, most: 4_000 }
const OVER = { 4401: "signed-out", 4403: "outside" }     // not to be tried again

class StudioSocket {
  state = "away"              // "open", "away", "signed-out", or "outside": no member of the workspace any more
  #url
  #sequence
  #socket
  #replaying = true
  #backoff = BACKOFF_MS.first
  #timers = {}
  #listeners = new Set()
  #watchers = new Set()
  #lastTick = Date.now()
  #healedAt = 0

  open(url, sequence) {
    if (this.#url) return
    this.#url = new URL(url, location.href.replace(/^http/, "ws"))
    this.#sequence = sequence
    this.#connect()
    this.#timers.ping = setInterval(() => this.#send({ type: "ping" }), PING_MS)
    this.#timers.clock = setInterval(() => this.#noticeSleep(), 2_000)
    addEventListener("online", () => this.#reconnectNow())
    addEventListener("pageshow", (event) => event.persisted && this.#reconnectNow())
    document.addEventListener("visibilitychange", () => document.hidden || this.#check())
  }

  /** Call `receive(message)` for everything the server says. Returns what stops it. */
  listen(receive) {
    this.#listeners.add(receive)
    return () => this.#listeners.delete(receive)
  }

  /** Call `react(state)` now and whenever the connection changes. Returns what stops it. */
  watch(react) {
    this.#watchers.add(react)
    react(this.state)
    return () => this.#watchers.delete(react)
  }

  #connect() {
    clearTimeout(this.#timers.retry)
    this.#url.searchParams.set("since", this.#sequence)
    this.#replaying = true
    const socket = (this.#socket = new WebSocket(this.#url))
    socket.addEventListener("open", () => this.#become("open"))
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#receive(JSON.parse(data)))
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#closed(code))
  }

  #closed(code) {
    if (code in OVER) return this.#become(OVER[code])
    this.#become("away")
    const jitter = 0.75 + Math.random() / 2        // so that a restarted server is not asked by everybody at once
    this.#timers.retry = setTimeout(() => this.#connect(), this.#backoff * jitter)
    this.#backoff = Math.min(this.#backoff * 2, BACKOFF_MS.most)
  }

  #receive(message) {
    clearTimeout(this.#timers.answer)
    if (message.type === "ready") {
      this.#replaying = false
      this.#backoff = BACKOFF_MS.first
      this.#sequence = Math.max(this.#sequence, message.sequence)
    }
    if (message.type === "event") {
      if (message.sequence <= this.#sequence) return
      if (message.sequence > this.#sequence + 1 && !this.#replaying && this.#mayHeal()) return this.#reconnectNow()
      this.#sequence = message.sequence
    }
    for (const receive of this.#listeners) receive(message)
  }

  /** A gap is asked for once in a while, not for ever: a number that was rolled back never comes. */
  #mayHeal() {
    if (Date.now() - this.#healedAt < 5_000) return false
    this.#healedAt = Date.now()
    return true
  }

  #reconnectNow() {
    if (Object.values(OVER).includes(this.state)) return
    const old = this.#socket
    this.#backoff = BACKOFF_MS.first
    this.#connect()
    old.close()
  }

  /** Timers stand still while the lid is closed; the socket may be dead without having been told. */
  #noticeSleep() {
    const slept = Date.now() - this.#lastTick > 10_000
    this.#lastTick = Date.now()
    if (slept) this.#check()
  }

  #check() {
    if (this.#socket.readyState !== WebSocket.OPEN) return this.#reconnectNow()
    this.#send({ type: "ping" })
    clearTimeout(this.#timers.answer)
    this.#timers.answer = setTimeout(() => this.#reconnectNow(), ANSWER_MS)
  }

  #send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #become(state) {
    if (state === this.state) return
    this.state = state
    for (const react of this.#watchers) react(state)
  }
}

export const socket = new StudioSocket()
