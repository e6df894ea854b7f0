import { minutes } from "lib/timecode"

/**
 * Works the <audio> inside it: play, and a line to drag over the drawn sound. Keys: Space or K, J and L.
 * Without this the browser's own controls are there.
 */
class SoundPlayer extends HTMLElement {
  #audio

  connectedCallback() {
    if (this.#audio) return
    this.#audio = this.querySelector("audio")
    this.#audio.controls = false
    this.append(document.getElementById("sound-player-controls").content.cloneNode(true))
    for (const event of ["play", "pause", "ended", "timeupdate", "seeked", "loadedmetadata"]) {
      this.#audio.addEventListener(event, () => this.#show())
    }
    this.querySelector("button").addEventListener("click", () => this.#toggle())
    this.#position.addEventListener("input", () => this.#seek((this.#position.value / 1000) * this.#duration))
    this.addEventListener("keydown", (event) => this.#key(event))
    this.#show()
  }

  get #position() { return this.querySelector(".sound-player__position") }
  get #duration() { return this.#audio.duration || 0 }

  #toggle() {
    if (this.#audio.paused) this.#audio.play().catch(() => {})
    else this.#audio.pause()
  }

  #seek(seconds) {
    if (this.#audio.readyState === 0) {
      this.#audio.preload = "auto"
      this.#audio.load()
    }
    this.#audio.currentTime = Math.min(this.#duration, Math.max(0, seconds))
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const act = {
      k: () => this.#toggle(),
      j: () => this.#seek(this.#audio.currentTime - 1),
      l: () => this.#seek(this.#audio.currentTime + 1),
      " ": event.target.closest("button") ? null : () => this.#toggle(),     // a button takes the space bar itself
    }[event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }

  #show() {
    const { paused, currentTime } = this.#audio
    const played = this.#duration ? currentTime / this.#duration : 0
    this.dataset.state = paused ? "paused" : "playing"
    this.#position.value = played * 1000
    this.style.setProperty("--played", played)
    this.querySelector(".sound-player__time").textContent = minutes(currentTime)
  }
}
customElements.define("sound-player", SoundPlayer)
