import { mentions } from "lib/references"

const CALLED = { character: "hero", place: "place", object: "thing" }       // until somebody finds a better name

/** Looks at a picture before it is sent: one that is too large is refused at once, and costs nobody the time. A reference
    that comes gets a name for the prompt to call it by. */
class PictureSlot extends HTMLElement {
  #watching = new MutationObserver(() => this.#call())
  #held

  connectedCallback() {
    this.#held = this.picture
    this.addEventListener("change", (event) => this.#look(event), true)       // before htmx, which listens further in
    if (!this.name) return
    this.#watching.observe(this, { childList: true, subtree: true })
    this.role.addEventListener("change", () => this.#callAnew())
  }

  disconnectedCallback() { this.#watching.disconnect() }

  /** What it holds: an asset's id, or undefined. */
  get picture() { return this.querySelector("input[type=hidden]")?.value }
  get name() { return this.querySelector(".picture-slot__name input") }
  get role() { return this.querySelector("select") }

  #look(event) {
    if (event.target.type !== "file") return
    const [file] = event.target.files
    const tooLarge = file?.size > Number(this.getAttribute("most-bytes"))
    this.querySelector(".picture-slot__complaint").hidden = !tooLarge
    if (file && !tooLarge) return
    event.stopPropagation()
    event.target.value = ""
  }

  #call() {
    const [before, now] = [this.#held, this.picture]
    this.#held = now
    if (now && !before && !this.name.value) this.name.value = this.#free
  }

  /** It shows something else: a name that nobody chose nor used follows. */
  #callAnew() {
    const plain = Object.values(CALLED).includes(this.name.value.replace(/\d+$/, ""))
    const prompt = this.closest("form").querySelector("prompt-box textarea").value
    if (plain && !mentions(prompt, this.name.value)) this.name.value = this.#free
  }

  get #free() {
    const others = [...this.closest("form").querySelectorAll("picture-slot")].filter((slot) => slot !== this)
    const taken = others.map((slot) => slot.name?.value.toLowerCase())
    const word = CALLED[this.role.value]
    let [name, nth] = [word, 2]
    while (taken.includes(name)) name = `${word}${nth++}`
    return name
  }
}
customElements.define("picture-slot", PictureSlot)
