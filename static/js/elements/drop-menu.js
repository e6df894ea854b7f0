/** A <details> menu that also closes on Escape, on a click elsewhere and when the focus leaves; arrows walk through it. */
class DropMenu extends HTMLElement {
  #elsewhere = (event) => this.contains(event.target) || this.#close()

  connectedCallback() {
    document.addEventListener("pointerdown", this.#elsewhere)
    this.addEventListener("keydown", (event) => this.#key(event))
    this.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.contains(relatedTarget) && this.#close())
    this.addEventListener("click", ({ target }) => target.closest(".menu__item") && setTimeout(() => this.#close()))
  }

  disconnectedCallback() { document.removeEventListener("pointerdown", this.#elsewhere) }

  get #details() { return this.querySelector("details") }

  #close() { this.#details.open = false }

  #key(event) {
    if (!this.#details.open) return
    if (event.key === "Escape") {
      this.#close()
      this.querySelector("summary").focus()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const items = [...this.querySelectorAll(".menu__item")]
    if (!step || !items.length || event.target.closest("input, select, textarea")) return      // these have arrows of their own
    event.preventDefault()
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus()
  }
}
customElements.define("drop-menu", DropMenu)
