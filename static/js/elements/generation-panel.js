/** The request form: Ctrl or Cmd with Enter sends it, and what was said about a field goes once the field is changed. */
class GenerationPanel extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        this.querySelector("form").requestSubmit()
      }
    })
    this.addEventListener("input", ({ target }) => this.#forget(target.closest(".field")))
    this.addEventListener("htmx:afterRequest", ({ detail, target }) => {
      if (detail.successful && target.matches("form")) this.#forget(this)
    })
    this.querySelector("[aria-invalid=true]")?.focus()
  }

  #forget(part) {
    for (const error of part?.querySelectorAll(".field__error, .form-errors") ?? []) error.remove()
    for (const field of part?.querySelectorAll("[aria-invalid]") ?? []) field.removeAttribute("aria-invalid")
  }
}
customElements.define("generation-panel", GenerationPanel)
