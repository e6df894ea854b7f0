/** Puts the [data-id] items of the list inside it into another order: by dragging, or by the two buttons it gives each.
    Posts `id` of each, first to last. */
class OrderList extends HTMLElement {
  #dragged

  connectedCallback() {
    for (const item of this.items) this.#furnish(item)
    this.addEventListener("dragstart", (event) => this.#start(event))
    this.addEventListener("dragover", (event) => this.#over(event))
    this.addEventListener("drop", (event) => { if (this.#dragged) event.preventDefault() })
    this.addEventListener("dragend", () => this.#end())
  }

  get items() { return [...this.querySelectorAll("[data-id]")] }

  #furnish(item) {
    if (this.items.length < 2 || item.querySelector(":scope > .order-buttons")) return
    item.draggable = true
    for (const inside of item.querySelectorAll("a, img")) inside.draggable = false
    const buttons = Object.assign(document.createElement("div"), { className: "order-buttons" })
    for (const [step, icon, name] of [[-1, "chevron-left", this.getAttribute("earlier") ?? "Earlier"], [1, "chevron-right", this.getAttribute("later") ?? "Later"]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--icon button--small", ariaLabel: name, title: name })
      button.append(document.querySelector(`template[data-icon="${icon}"]`)?.content.cloneNode(true) ?? (step < 0 ? "‹" : "›"))
      button.addEventListener("click", () => this.#step(item, step, button))
      buttons.append(button)
    }
    item.append(buttons)
  }

  #step(item, step, button) {
    const items = this.items
    const other = items[items.indexOf(item) + step]
    if (!other) return
    step < 0 ? other.before(item) : other.after(item)
    button.focus()
    this.#send()
  }

  #start(event) {
    const item = event.target.closest?.("[data-id]")
    if (!item || !this.contains(item)) return
    this.#dragged = item
    item.toggleAttribute("data-dragged", true)
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", item.dataset.id)
  }

  #over(event) {
    if (!this.#dragged) return
    event.preventDefault()
    const item = event.target.closest("[data-id]")
    if (!item || item === this.#dragged) return
    const items = this.items
    items.indexOf(item) > items.indexOf(this.#dragged) ? item.after(this.#dragged) : item.before(this.#dragged)
  }

  #end() {
    if (!this.#dragged) return
    this.#dragged.removeAttribute("data-dragged")
    this.#dragged = undefined
    this.#send()
  }

  #send() {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"))
    const body = new URLSearchParams(this.items.map((item) => ["id", item.dataset.id]))
    fetch(this.getAttribute("post"), { method: "POST", headers: { ...headers, "HX-Request": "true" }, body })
      .then((answer) => { if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText) })
      .catch(() => dispatchEvent(new CustomEvent("studio:toast", { detail: { name: "offline" } })))
  }
}
customElements.define("order-list", OrderList)
