import { decimal, fill } from "lib/words"

/** Looks at a script before it is sent: one that is too large is refused at once, and what was written stays. */
class ScreenplayPage extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.#send(event))
    this.addEventListener("input", () => { if (this.querySelector("[data-complaint]:not([hidden])")) this.#weigh() })
  }

  #send(event) {
    const [tooLarge] = this.#weigh()
    if (!tooLarge) return
    event.preventDefault()
    tooLarge.focus()
  }

  /** The fields that hold too much; it is said beside each. */
  #weigh() {
    const [text, file] = [this.querySelector("textarea"), this.querySelector("input[type=file]")]
    const bytes = new Map([[text, new Blob([text.value]).size], [file, file.files[0]?.size ?? 0]])
    return [...bytes.keys()].filter((field) => {
      const isTooLarge = bytes.get(field) > Number(this.getAttribute("most-bytes"))
      const complaint = this.querySelector(`[data-complaint=${field.name}]`)
      complaint.hidden = !isTooLarge
      const words = complaint.querySelector("[data-words]")
      words.textContent = isTooLarge ? fill(words.dataset.words, { size: decimal(bytes.get(field) / 1e6) }) : ""
      return isTooLarge
    })
  }
}
customElements.define("screenplay-page", ScreenplayPage)
