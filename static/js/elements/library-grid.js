/**
 * Files that can be ticked. Click on a tick; with Shift everything from the last one on. Keys: arrows walk through the
 * files, Space or X ticks, Shift and arrows tick on the way, Ctrl or Cmd and A ticks all, Escape none. Without it the
 * boxes are there, and the bar below does the same.
 */
class LibraryGrid extends HTMLElement {
  #last
  #shift = false
  #sheet = ({ target }) => this.#follow(target.querySelector?.(".asset-sheet") ?? target.closest?.(".asset-sheet"))

  connectedCallback() {
    this.addEventListener("click", (event) => this.#click(event), true)
    this.addEventListener("change", ({ target }) => target.name === "asset" && this.#ticked(target))
    this.addEventListener("keydown", (event) => this.#key(event))
    this.addEventListener("htmx:afterSwap", () => this.#show())
    document.addEventListener("htmx:afterSettle", this.#sheet)
    this.querySelector("[data-does=clear]").hidden = false
    this.#show()
  }

  disconnectedCallback() { document.removeEventListener("htmx:afterSettle", this.#sheet) }

  get #boxes() { return [...this.querySelectorAll("input[name=asset]")] }
  get #links() { return [...this.querySelectorAll(".tile__link")] }

  #click(event) {
    this.#shift = event.shiftKey
    if (event.target.closest("[data-does=clear]")) return this.#all(false)
    const link = event.target.closest(".tile__link")
    if (!link || !(event.shiftKey || event.ctrlKey || event.metaKey)) return
    event.preventDefault()                      // a selection, and no sheet
    event.stopPropagation()
    this.#tick(link)
  }

  #tick(link, on) {
    const box = link.closest(".tile").querySelector("input[name=asset]")
    box.checked = on ?? (this.#shift || !box.checked)
    this.#ticked(box)
  }

  #ticked(box) {
    const boxes = this.#boxes
    const from = boxes.indexOf(this.#last)
    if (this.#shift && from >= 0) {
      const to = boxes.indexOf(box)
      for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked
    }
    this.#last = box
    this.#shift = false
    this.#show()
  }

  #all(on) {
    for (const box of this.#boxes) box.checked = on
    this.#show()
  }

  #key(event) {
    if (event.target.closest("input:not([name=asset]), select, textarea")) return
    if (event.key === "Escape" && this.#count) {
      event.stopPropagation()
      return this.#all(false)
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
      event.preventDefault()
      return this.#all(true)
    }
    const link = event.target.closest(".tile")?.querySelector(".tile__link")
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key.toLowerCase() === "x" || (event.key === " " && event.target === link)) {
      event.preventDefault()
      this.#shift = false
      return this.#tick(link)
    }
    const next = this.#beside(link, event.key)
    if (!next) return
    event.preventDefault()
    next.focus()
    if (event.shiftKey) for (const one of [link, next]) this.#tick(one, true)
  }

  /** The file where an arrow leads to from another. */
  #beside(link, key) {
    const links = this.#links
    const columns = getComputedStyle(this.querySelector(".tiles")).gridTemplateColumns.split(" ").length
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key]
    if (key === "Home") return links[0]
    if (key === "End") return links.at(-1)
    return step && links[links.indexOf(link) + step]
  }

  /** What was marked in the sheet is marked here. */
  #follow(sheet) {
    const tile = sheet && this.querySelector(`input[value="${sheet.dataset.asset}"]`)?.closest(".tile")
    tile?.toggleAttribute("data-favourite", sheet.hasAttribute("data-favourite"))
  }

  get #count() { return this.#boxes.filter((box) => box.checked).length }

  #show() {
    const said = this.querySelector(".selection-bar__count")
    const count = this.#count
    said.textContent = count === 1 ? said.dataset.one : said.dataset.many.replace("{n}", count)
  }
}
customElements.define("library-grid", LibraryGrid)
