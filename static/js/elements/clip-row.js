/** Plays the clips of the list inside it one after the other in its one video; two are held so that cuts are quick. */
class ClipRow extends HTMLElement {
  #at = 0

  connectedCallback() {
    this.video.addEventListener("ended", () => this.#go(this.#at + 1, true))
    this.video.addEventListener("play", () => this.#prepare())
    this.#tell()
  }

  get video() { return this.querySelector("video") }
  get addresses() { return [...this.querySelectorAll("li a")].map((link) => link.href) }

  #go(at, playing) {
    const addresses = this.addresses
    this.#at = at % addresses.length
    this.video.src = addresses[this.#at]
    this.#tell()
    if (playing && this.#at) this.video.play()
  }

  // The next file comes while this one plays.
  #prepare() {
    const next = this.addresses[this.#at + 1]
    if (next) fetch(next, { priority: "low" }).catch(() => {})
  }

  #tell() { this.querySelector(".clip-row__where").textContent = `${this.#at + 1} / ${this.addresses.length}` }
}
customElements.define("clip-row", ClipRow)
