const RETRIES_MS = [1000, 3000, 5000, 10_000]

/**
 * Sends a file in parts to the bucket it is kept in, each to an address that the studio signs for it. What came is asked of
 * the studio, so it goes on where it stopped, also after a reload. It is used as a client of tus is: `start`, `abort`, `url`.
 */
export class DirectUpload {
  url = null
  #running = 0        // how often it was begun: what an earlier beginning still hears of is nobody's any more
  #request = null

  constructor(file, options) {
    this.file = file
    this.options = options
  }

  async findPreviousUploads() {
    const uploadUrl = localStorage.getItem(this.#name)
    return uploadUrl ? [{ uploadUrl }] : []
  }

  resumeFromPreviousUpload({ uploadUrl }) { this.url = uploadUrl }

  async start() {
    const run = ++this.#running
    for (let tried = 0; run === this.#running;) {
      try {
        if (await this.#send(run, () => { tried = 0 })) this.#end(run)
        return
      } catch (failure) {
        if (run !== this.#running) return
        if (failure.status === 410 && this.url) {               // it was begun once and is no more: from the beginning
          this.#forget()
        } else if (tried < RETRIES_MS.length && isPassing(failure.status)) {
          await new Promise((go) => setTimeout(go, RETRIES_MS[tried++]))
        } else {
          return this.options.onError({ originalResponse: answerOf(failure) })
        }
      }
    }
  }

  /** Stand still; with `forget` it is not wanted any more. */
  async abort(forget = false) {
    this.#running += 1
    this.#request?.abort()
    if (!forget || !this.url) return
    const url = this.url
    this.#forget()
    await this.#ask("POST", `${url}cancellation/`, {})
  }

  /** All parts that are missing, then word that all are there. False where it was told to stand still. */
  async #send(run, progressed) {
    if (!this.url) {
      const begun = await this.#ask("POST", this.options.endpoint, { name: this.file.name, size: this.file.size })
      this.url = begun.url
      localStorage.setItem(this.#name, this.url)
    }
    for (;;) {
      const { came, partBytes, parts } = await this.#ask("GET", `${this.url}parts/`)
      if (run !== this.#running) return false
      this.options.onProgress(came, this.file.size)
      if (!parts.length) break
      let sent = came
      for (const { number, address } of parts) {
        const part = this.file.slice((number - 1) * partBytes, number * partBytes, "application/octet-stream")
        await this.#put(address, part, (bytes) => this.options.onProgress(sent + bytes, this.file.size))
        if (run !== this.#running) return false
        sent += part.size
        progressed()
      }
    }
    await this.#ask("POST", `${this.url}completion/`, {})
    return true
  }

  #end(run) {
    if (run !== this.#running) return
    localStorage.removeItem(this.#name)
    this.options.onSuccess()
  }

  #forget() {
    localStorage.removeItem(this.#name)
    this.url = null
  }

  #put(address, part, onBytes) {
    return new Promise((done, failed) => {
      const request = this.#request = new XMLHttpRequest()
      request.upload.onprogress = (event) => onBytes(event.loaded)
      request.onload = () => (request.status === 200 ? done() : failed({ status: request.status === 403 ? 0 : request.status }))
      request.onerror = request.onabort = () => failed({ status: 0 })
      request.open("PUT", address)
      request.send(part)
    })
  }

  async #ask(method, address, values) {
    const body = values && new URLSearchParams(values)
    const answer = await fetch(address, { method, body, headers: this.options.headers }).catch(() => { throw { status: 0 } })
    if (answer.ok) return answer.headers.get("Content-Type")?.includes("json") ? answer.json() : null
    const told = await answer.json().then((said) => said.told).catch(() => "")
    throw { status: answer.status, told }
  }

  get #name() { return `upload:${this.file.name}:${this.file.size}:${this.file.lastModified}` }
}

/** Whether it may work a moment later. A part whose address is over is asked for anew. */
const isPassing = (status) => !status || status === 409 || (status >= 500 && status !== 507)

/** As a client of tus tells of an answer: one of the studio's with a sentence says so by this header. */
const answerOf = ({ status, told }) => (status ? {
  getStatus: () => status,
  getBody: () => told,
  getHeader: (name) => (name === "Tus-Resumable" && told && !isPassing(status) ? "1.0.0" : null),
} : null)
