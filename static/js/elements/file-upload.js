import { fill, size } from "lib/words"

const AT_ONCE = 2
const PIECE_BYTES = 8 * 1024 * 1024
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000]

/**
 * Sends files piece by piece (tus, or straight to the bucket of the studio), several at once, from its well or dropped on it. Each has a row: how far it is, pause,
 * go on, cancel, or why it was refused. What is cut off goes on where it stopped, also after a reload, when the same file is
 * chosen again. Once all of a file is here its row is the server's, which tells how it is prepared.
 */
class FileUpload extends HTMLElement {
  #queue = []
  #running = 0
  #depth = 0          // of elements under what is dragged

  connectedCallback() {
    this.#input.multiple = true
    this.#input.required = false
    this.#input.addEventListener("change", () => this.#take())
    this.addEventListener("dragenter", (event) => this.#over(event, 1))
    this.addEventListener("dragleave", (event) => this.#over(event, -1))
    this.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault())
    this.addEventListener("click", (event) => event.target.closest("[data-does=dismiss]")?.closest(".arrival").remove())
    this.addEventListener("drop", (event) => this.#drop(event))
  }

  disconnectedCallback() { for (const one of this.#queue) one.tus?.abort() }

  /** Take these files in, as if they had been dropped here. */
  add(files) { for (const file of files) this.#begin(file) }

  get #input() { return this.querySelector("input[type=file]") }
  get #list() { return this.querySelector(".file-upload__list") }
  get #token() { return this.querySelector("[name=csrfmiddlewaretoken]").value }

  #take() {
    this.add(this.#input.files)
    this.#input.value = ""
  }

  #over(event, step) {
    if (!carriesFiles(event)) return
    event.preventDefault()
    this.#depth = Math.max(0, this.#depth + step)
    this.toggleAttribute("data-over", this.#depth > 0)
  }

  #drop(event) {
    if (!carriesFiles(event)) return
    event.preventDefault()
    this.#depth = 0
    this.removeAttribute("data-over")
    this.add(event.dataTransfer.files)
  }

  #begin(file) {
    const row = this.querySelector("template[data-row]").content.firstElementChild.cloneNode(true)
    row.querySelector(".arrival__name").textContent = file.name
    this.#list.append(row)
    const one = { file, row, state: "waiting", share: 0 }
    row.addEventListener("click", (event) => this.#act(one, event.target.closest("[data-does]")?.dataset.does))
    if (file.size > Number(this.getAttribute("most-bytes"))) return this.#refuse(one, this.#word("too_large"))
    this.#queue.push(one)
    this.#show(one)
    this.#goOn()
  }

  /** Start those that wait, while there is room beside each other. */
  #goOn() {
    for (const one of this.#queue) {
      if (this.#running >= AT_ONCE) return
      if (one.state === "waiting") this.#start(one)
    }
  }

  async #start(one) {
    this.#running += 1
    one.state = "coming"
    this.#show(one)
    try {
      one.tus ??= await this.#upload(one)
      const [before] = one.tus.url ? [] : await one.tus.findPreviousUploads()
      if (before) {
        this.#list.querySelector(`[id="upload-${idOf(before.uploadUrl)}"]`)?.remove()
        one.tus.resumeFromPreviousUpload(before)
      }
      if (one.state === "coming") one.tus.start()
    } catch {
      this.#stop(one, "failed")
    }
  }

  /** A client of tus, or of the bucket that files are kept in, which is asked the same. */
  async #upload(one) {
    const direct = this.getAttribute("direct")
    if (!direct) await import(this.getAttribute("client"))
    const Upload = direct ? (await import("lib/direct-upload")).DirectUpload : window.tus.Upload
    return new Upload(one.file, {
      endpoint: direct || this.getAttribute("endpoint"),
      chunkSize: PIECE_BYTES,
      retryDelays: RETRIES_MS,
      removeFingerprintOnSuccess: true,
      metadata: { filename: one.file.name },
      headers: { "X-CSRFToken": this.#token },
      onProgress: (sent, total) => { one.share = total ? sent / total : 0; this.#show(one) },
      onShouldRetry: (error) => retried(error.originalResponse?.getStatus()),
      onError: (error) => this.#fail(one, error.originalResponse),
      onSuccess: () => this.#arrived(one),
    })
  }

  #act(one, does) {
    if (does === "pause") {
      one.tus?.abort()
      this.#stop(one, "paused")
    } else if (does === "resume") {
      one.state = "waiting"
      this.#show(one)
      this.#goOn()
      one.row.querySelector("[data-does=pause]").focus()
    } else if (does === "cancel") {
      one.tus?.abort(true).catch(() => {})      // what is there already is forgotten; else it is swept away later
      this.#end(one)
      one.row.remove()
      this.#input.focus()
    }
  }

  #stop(one, state) {
    if (one.state === "coming") this.#running -= 1
    one.state = state
    this.#show(one)
    if (state === "paused") one.row.querySelector("[data-does=resume]").focus()
    this.#goOn()
  }

  #end(one) {
    if (one.state === "coming") this.#running -= 1
    one.state = "ended"
    this.#queue = this.#queue.filter((other) => other !== one)
    this.#goOn()
  }

  #fail(one, answer) {
    if (one.state !== "coming") return
    const sentence = answer?.getHeader("Tus-Resumable") && answer.getBody()
    if (sentence) {
      this.#refuse(one, sentence)
      this.#end(one)
    } else {
      this.#stop(one, answer ? "failed" : "away")
    }
  }

  /** This file does not come in, and its row says why. */
  #refuse(one, sentence) {
    one.row.dataset.status = "refused"
    const told = one.row.querySelector(".arrival__told")
    told.setAttribute("role", "alert")
    told.textContent = sentence
    for (const part of one.row.querySelectorAll("progress, [data-does=pause], [data-does=resume]")) part.remove()
    one.row.querySelector("[data-does=cancel]").dataset.does = "dismiss"
  }

  /** All of it is here: from now on its row is the server's. */
  #arrived(one) {
    this.#end(one)
    window.htmx.ajax("GET", `${one.tus.url.replace(/\/$/, "")}/state/`, { target: one.row, swap: "outerHTML" })
    this.dispatchEvent(new CustomEvent("assets-changed", { bubbles: true, detail: { asset: null } }))
  }

  #show(one) {
    const percent = Math.floor(one.share * 100)
    one.row.querySelector(".arrival__told").textContent = fill(this.#word(one.state), { percent, size: size(one.file.size) })
    one.row.querySelector("progress").value = one.share
    const stands = ["paused", "away", "failed"].includes(one.state)
    one.row.querySelector("[data-does=pause]").hidden = stands
    one.row.querySelector("[data-does=resume]").hidden = !stands
  }

  #word(name) { return this.querySelector("template[data-words]").content.querySelector(`[data-word=${name}]`).textContent }
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files")
const idOf = (url) => url?.match(/[0-9a-f-]{36}/)?.[0]
/** Whether it may work a moment later: not what was refused with a sentence. */
const retried = (status) => !status || status === 409 || status === 423 || (status >= 500 && status !== 507)
customElements.define("file-upload", FileUpload)
