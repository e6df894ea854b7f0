import { timecode } from "lib/timecode"

const HURRY = 0.08            // by how much the one behind plays faster, the one ahead slower
const LOST_SECONDS = 0.3      // further apart than this they are put together at once

/**
 * Plays two takes as one: frame for frame together, in a loop as long as the longer one. Keys: Space or K, arrows, Home
 * and End, 1 to 3 for how they are laid, X to swap, A and B to choose.
 */
class TakeComparison extends HTMLElement {
  #frame = 0

  connectedCallback() {
    for (const part of this.querySelectorAll("[data-tools], .comparison__wipe")) part.hidden = false
    this.dataset.state = "paused"
    for (const video of this.#videos) {
      video.controls = false
      video.addEventListener("loadedmetadata", () => (this.#goOn(video), this.#show()))
      video.addEventListener("seeked", () => this.#goOn(video))
      video.addEventListener("click", () => this.#toggle())
    }
    this.querySelector(".comparison__transport").hidden = !this.#videos.length
    this.#position.addEventListener("input", () => this.#stand(Number(this.#position.value)))
    this.addEventListener("click", ({ target }) => target.closest("[data-act=play]") && this.#toggle())
    this.querySelector(".comparison__wipe").addEventListener("input", ({ target }) => this.#wipe(target.value / 1000))
    document.addEventListener("keydown", this.#key)
    this.#show()
  }

  disconnectedCallback() { document.removeEventListener("keydown", this.#key) }

  get #videos() { return [...this.querySelectorAll("video")] }
  get #position() { return this.querySelector(".comparison__position") }
  get #fps() { return Number(this.getAttribute("fps")) || 24 }
  get #playing() { return this.dataset.state === "playing" }
  get #frames() { return Math.max(1, ...this.#videos.map((video) => Math.round(this.#length(video) * this.#fps))) }

  /** Seconds; before the file tells them, as they were asked for. */
  #length(video) { return video.duration || Number(video.getAttribute("frames")) / Number(video.getAttribute("fps")) || 0 }

  #toggle() {
    if (this.#playing) return this.#stand(this.#frame)
    if (this.#frame >= this.#frames - 1) this.#frame = 0
    this.dataset.state = "playing"
    this.#run(performance.now(), this.#frame / this.#fps)
  }

  /** One clock for both; who has fallen behind it is waited for. */
  #run(began, from) {
    if (!this.#playing || !this.isConnected) return
    const now = performance.now()
    let seconds = from + (now - began) / 1000
    const waiting = this.#videos.some((video) => video.readyState < 3 && !video.ended && seconds < video.duration)
    if (waiting || seconds >= this.#frames / this.#fps) {
      seconds = waiting ? this.#frame / this.#fps : 0
      began = now
      from = seconds
    }
    for (const video of this.#videos) this.#follow(video, seconds)
    this.#frame = Math.floor(seconds * this.#fps)
    this.#show()
    requestAnimationFrame(() => this.#run(began, from))
  }

  #follow(video, seconds) {
    if (seconds >= video.duration) return video.pause()
    const ahead = video.currentTime - seconds
    if (Math.abs(ahead) > LOST_SECONDS && !video.seeking) video.currentTime = seconds
    video.playbackRate = Math.abs(ahead) * this.#fps > 0.5 ? 1 - Math.sign(ahead) * HURRY : 1
    if (video.paused) video.play().catch(() => {})
  }

  /** Stand still on a frame, in both. */
  #stand(frame) {
    this.dataset.state = "paused"
    this.#frame = Math.max(0, Math.min(Math.round(frame), this.#frames - 1))
    for (const video of this.#videos) {
      video.pause()
      this.#goOn(video)
    }
    this.#show()
  }

  // A seek that is asked for while another one runs is done after it.
  #goOn(video) {
    if (this.#playing || video.seeking || !video.readyState) return
    const fps = Number(video.getAttribute("fps")) || this.#fps
    const last = Math.max(0, Math.round(video.duration * fps) - 1)
    const own = Math.min(last, Math.floor((this.#frame / this.#fps) * fps + 1e-6))
    const seconds = (own + 0.5) / fps             // on the border between two frames it is anybody's guess
    if (Math.abs(video.currentTime - seconds) > 1e-3) video.currentTime = seconds
    video.dataset.frame = own
  }

  #wipe(fraction) { this.style.setProperty("--wipe", fraction) }

  #show() {
    this.#position.max = this.#frames - 1
    this.#position.value = this.#frame
    this.querySelector(".comparison__time").textContent = timecode(this.#frame / this.#fps, this.#fps)
  }

  #key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, textarea, input:not([type=range], [type=radio]), summary, dialog")) return
    const onRange = event.target.matches("input")
    const mode = (value) => () => this.querySelector(`[name=mode][value=${value}]`).click()
    const act = {
      k: () => this.#toggle(),
      " ": event.target.closest("button, a") ? null : () => this.#toggle(),
      ArrowLeft: onRange ? null : () => this.#stand(this.#frame - 1),
      ArrowRight: onRange ? null : () => this.#stand(this.#frame + 1),
      j: () => this.#stand(this.#frame - this.#fps),
      l: () => this.#stand(this.#frame + this.#fps),
      Home: onRange ? null : () => this.#stand(0),
      End: onRange ? null : () => this.#stand(this.#frames - 1),
      1: mode("side"), 2: mode("wipe"), 3: mode("difference"),
      x: () => this.querySelector("[data-act=swap]").click(),
      a: () => this.querySelector("[data-choose=A]")?.requestSubmit(),
      b: () => this.querySelector("[data-choose=B]")?.requestSubmit(),
    }[event.key.length > 1 ? event.key : event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }
}
customElements.define("take-comparison", TakeComparison)
