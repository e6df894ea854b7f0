/** A place to drop a file on: its form is sent at once, and when a file is chosen too. */
class RecipeDrop extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").hidden = true
    this.addEventListener("change", () => this.#send())
    this.addEventListener("dragover", (event) => this.#over(event, true))
    this.addEventListener("dragleave", (event) => this.contains(event.relatedTarget) || this.#over(event, false))
    this.addEventListener("drop", (event) => {
      this.#over(event, false)
      if (!event.dataTransfer.files.length) return
      this.querySelector("input[type=file]").files = event.dataTransfer.files
      this.#send()
    })
  }

  #over(event, on) {
    event.preventDefault()
    this.toggleAttribute("data-over", on)
  }

  #send() {
    this.toggleAttribute("data-sending", true)
    this.querySelector("form").requestSubmit()
  }
}
customElements.define("recipe-drop", RecipeDrop)
