/** Looks at a picture before it is sent: one that is too large is refused at once, and costs nobody the time. */
class PictureSlot extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.#look(event), true)       // before htmx, which listens further in
  }

  #look(event) {
    if (event.target.type !== "file") return
    const [file] = event.target.files
    const tooLarge = file?.size > Number(this.getAttribute("most-bytes"))
    this.querySelector(".picture-slot__complaint").hidden = !tooLarge
    if (file && !tooLarge) return
    event.stopPropagation()
    event.target.value = ""
  }
}
customElements.define("picture-slot", PictureSlot)
