import { frameAt, spriteStyle } from "lib/sprite"

/** Shows the frame of a sprite that lies under the pointer over the picture inside it; the picture when it leaves. */
class SpriteScrub extends HTMLElement {
  #frame

  connectedCallback() {
    this.addEventListener("pointermove", (event) => this.#show(event))
    this.addEventListener("pointerleave", () => this.#hide())
  }

  #show({ clientX, pointerType }) {
    if (pointerType !== "mouse") return
    const { left, width } = this.getBoundingClientRect()
    const fraction = Math.min(1, Math.max(0, (clientX - left) / width))
    const count = Number(this.getAttribute("frames"))
    const { size, position } = spriteStyle(frameAt(fraction, count), Number(this.getAttribute("columns")), count)
    if (!this.#frame) {
      this.#frame = this.appendChild(document.createElement("span"))
      this.#frame.className = "sprite-scrub__frame"
      this.#frame.style.backgroundImage = `url("${this.getAttribute("sprite")}")`
      this.#frame.style.aspectRatio = this.getAttribute("ratio")
      const [across, down] = this.getAttribute("ratio").split("/")
      this.toggleAttribute("data-tall", across / down < 16 / 9)
    }
    this.#frame.style.backgroundSize = size
    this.#frame.style.backgroundPosition = position
    this.style.setProperty("--at", fraction)
    this.toggleAttribute("data-scrubbing", true)
  }

  #hide() { this.removeAttribute("data-scrubbing") }
}
customElements.define("sprite-scrub", SpriteScrub)
