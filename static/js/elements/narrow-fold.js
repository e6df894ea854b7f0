/** Folds the <details> inside it where there is no room for what it holds; elsewhere it stays open, and without this, too. */
class NarrowFold extends HTMLElement {
  connectedCallback() {
    if (matchMedia(`(width < ${this.getAttribute("narrower-than")}px)`).matches) this.querySelector("details").open = false
  }
}
customElements.define("narrow-fold", NarrowFold)
