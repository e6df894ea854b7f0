import { frameAt, spriteStyle } from "lib/sprite"
import { timecode } from "lib/timecode"

const WIDE = 16 / 9         // the shape of the stage it stands on

/**
 * Works the <video> inside it: the pointer scrubs through the sprite before it has played, then play, a line to drag,
 * frames. Keys: Space or K, J and L, arrows, F, M. Without this the browser's own controls are there.
 */
class TakePlayer extends HTMLElement {
  #video

  connectedCallback() {
    if (this.#video) return
    this.#video = this.querySelector("video")
    this.#video.controls = false
    this.append(document.getElementById("take-player-controls").content.cloneNode(true))
    this.#shape()
    this.querySelector("[data-act=mute]").hidden = !this.hasAttribute("sounds")
    for (const event of ["play", "pause", "timeupdate", "seeked", "loadedmetadata", "volumechange"]) {
      this.#video.addEventListener(event, () => this.#show())
    }
    this.#video.addEventListener("click", () => this.#toggle())
    this.addEventListener("click", ({ target }) => this.#press(target.closest("[data-act]")))
    this.addEventListener("keydown", (event) => this.#key(event))
    this.#position.addEventListener("input", () => this.#seek((this.#position.value / 1000) * this.#duration))
    this.addEventListener("pointermove", (event) => this.#scrubTo(event))
    this.addEventListener("pointerleave", () => (this.#scrub.hidden = true))
    this.#show()
  }

  get #scrub() { return this.querySelector(".take-player__scrub") }
  get #position() { return this.querySelector(".take-player__position") }
  get #fps() { return Number(this.getAttribute("fps")) || 24 }
  get #duration() { return this.#video.duration || Number(this.getAttribute("frames")) / this.#fps || 0 }

  #toggle() {
    this.#scrub.hidden = true
    if (this.#video.paused) this.#video.play().catch(() => {})
    else this.#video.pause()
  }

  #seek(seconds) {
    this.#scrub.hidden = true
    if (this.#video.readyState === 0) {
      this.#video.preload = "auto"
      this.#video.load()
    }
    this.#video.currentTime = Math.min(this.#duration, Math.max(0, seconds))
  }

  #step(frames) {
    this.#video.pause()
    // Half a frame in: on the border between two frames it is anybody's guess which is drawn.
    this.#seek((Math.floor(this.#video.currentTime * this.#fps + 1e-6) + frames + 0.5) / this.#fps)
  }

  #press(button) {
    if (button?.dataset.act === "play") this.#toggle()
    if (button?.dataset.act === "mute") this.#video.muted = !this.#video.muted
    if (button?.dataset.act === "loop") {
      this.#video.loop = !this.#video.loop
      button.setAttribute("aria-pressed", this.#video.loop)
    }
    if (button?.dataset.act === "fullscreen") this.#fullscreen()
  }

  #fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.requestFullscreen().catch(() => {})
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = {
      k: () => this.#toggle(),
      j: () => this.#seek(this.#video.currentTime - 1),
      l: () => this.#seek(this.#video.currentTime + 1),
      f: () => this.#fullscreen(),
      m: () => this.hasAttribute("sounds") && (this.#video.muted = !this.#video.muted),
      ArrowLeft: () => this.#step(-1),
      ArrowRight: () => this.#step(1),
      Home: () => this.#seek(0),
      " ": event.target.closest("button") ? null : () => this.#toggle(),     // a button takes the space bar itself
    }[event.key.length > 1 ? event.key : event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }

  #scrubTo(event) {
    const count = Number(this.getAttribute("frames"))
    const over = event.target.closest(".take-player__controls")
    if (event.pointerType !== "mouse" || !count || over || !this.#video.paused || this.#video.currentTime > 0) {
      this.#scrub.hidden = true
      return
    }
    const { left, width } = this.getBoundingClientRect()
    const fraction = (event.clientX - left) / width
    const frame = this.#scrub.querySelector(".take-player__frame")
    const { size, position } = spriteStyle(frameAt(fraction, count), Number(this.getAttribute("columns")), count)
    frame.style.backgroundImage = `url("${this.getAttribute("sprite")}")`
    frame.style.backgroundSize = size
    frame.style.backgroundPosition = position
    this.#scrub.style.setProperty("--at", fraction)
    this.#scrub.hidden = false
  }

  /** The sprite's frame has the clip's shape, inside a stage that may have another. */
  #shape() {
    const ratio = this.#video.width / this.#video.height
    this.style.setProperty("--ratio", ratio)
    this.toggleAttribute("data-tall", ratio < WIDE - 0.01)
  }

  #show() {
    const { paused, currentTime } = this.#video
    this.dataset.state = paused ? "paused" : "playing"
    this.toggleAttribute("data-muted", this.#video.muted)
    this.toggleAttribute("data-begun", currentTime > 0)
    this.#position.value = this.#duration ? (currentTime / this.#duration) * 1000 : 0
    this.style.setProperty("--played", this.#duration ? currentTime / this.#duration : 0)
    this.querySelector(".take-player__time").textContent = timecode(currentTime, this.#fps)
  }
}
customElements.define("take-player", TakePlayer)
