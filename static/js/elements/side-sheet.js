/** A sheet beside the page: open while something is in it. Escape and its cross empty it; then the focus goes back. */
class SideSheet extends HTMLElement {
  #from
  #escape = (event) => event.key === "Escape" && !event.defaultPrevented && this.isOpen && this.close()
  #remember = ({ detail }) => this.contains(detail.elt) || (this.#from = detail.elt)

  connectedCallback() {
    document.addEventListener("keydown", this.#escape)
    document.addEventListener("htmx:beforeRequest", this.#remember)
    this.addEventListener("htmx:afterSwap", () => this.#opened())
    this.addEventListener("click", ({ target }) => target.closest(".side-sheet__close") && this.close())
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#escape)
    document.removeEventListener("htmx:beforeRequest", this.#remember)
  }

  get #inside() { return this.firstElementChild }
  get isOpen() { return this.#inside.childElementCount > 0 }

  close() {
    this.#inside.replaceChildren()
    this.removeAttribute("data-open")
    this.#from?.focus()
  }

  #opened() {
    const wasOpen = this.hasAttribute("data-open")
    this.toggleAttribute("data-open", this.isOpen)
    if (!this.isOpen) return
    if (!this.querySelector(".side-sheet__close")) this.#inside.prepend(this.#cross())
    this.#inside.scrollTop = 0
    if (!wasOpen) this.querySelector(".side-sheet__close").focus({ preventScroll: true })
  }

  #cross() {
    return document.getElementById("side-sheet-close").content.cloneNode(true)
  }
}
customElements.define("side-sheet", SideSheet)
