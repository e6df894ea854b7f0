/** Around a file input: pictures that are pasted anywhere on the page, or dropped onto it, are chosen in it. */
class PicturePaste extends HTMLElement {
  #paste = (event) => this.#choose(event.clipboardData?.files, event)

  connectedCallback() {
    document.addEventListener("paste", this.#paste)
    this.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault() })
    this.addEventListener("drop", (event) => this.#choose(event.dataTransfer.files, event))
  }

  disconnectedCallback() { document.removeEventListener("paste", this.#paste) }

  #choose(files, event) {
    const pictures = [...(files ?? [])].filter(({ type }) => type.startsWith("image/"))
    if (!pictures.length) return
    event.preventDefault()
    const chosen = new DataTransfer()
    for (const picture of pictures) chosen.items.add(picture)
    const input = this.querySelector("input[type=file]")
    input.files = chosen.files
    input.dispatchEvent(new Event("change", { bubbles: true }))
  }
}
customElements.define("picture-paste", PicturePaste)
