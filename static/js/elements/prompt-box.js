const NEAR = 0.8            // of the limit: from here on the count is worth seeing without asking

/** Counts the prompt as the server does, in UTF-16 units, and grows with what is written. */
class PromptBox extends HTMLElement {
  connectedCallback() {
    this.#count()
    this.addEventListener("input", () => this.#count())
  }

  #count() {
    const limit = Number(this.getAttribute("limit"))
    const length = this.querySelector("textarea").value.length
    const output = this.querySelector("output")
    output.hidden = length === 0
    output.textContent = `${length.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`
    output.dataset.level = length > limit ? "over" : length > limit * NEAR ? "near" : "fine"
  }
}
customElements.define("prompt-box", PromptBox)
