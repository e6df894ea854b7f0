/** Copies the link in its field; the button says so for a moment. */
class CopyLink extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input")
    const button = this.querySelector("button")
    button.hidden = false
    field.select()
    button.addEventListener("click", async () => {
      field.select()
      await navigator.clipboard?.writeText(field.value)
      button.toggleAttribute("data-copied", true)
      setTimeout(() => button.removeAttribute("data-copied"), 2_000)
    })
  }
}
customElements.define("copy-link", CopyLink)
