let dragged                  // an item of some list
let sending = Promise.resolve()
let sent = 0

/**
 * Puts the [data-id] items of the list inside it into another order: by dragging, or by the two buttons it gives each.
 * Posts `id` of each, first to last.
 *
 * Lists of one `group` share their items: one can be dragged from list to list, and a button at the edge of a list posts
 * to the item's own `data-move`, `to` "earlier" or "later". Where the answer is a page with such lists, their items go
 * into its order, and what it says inside [data-number] is taken over.
 */
class OrderList extends HTMLElement {
  connectedCallback() {
    this.#furnish()
    this.addEventListener("htmx:load", () => this.#furnish())
    this.addEventListener("dragstart", (event) => this.#start(event))
    this.addEventListener("dragover", (event) => this.#over(event))
    this.addEventListener("drop", (event) => { if (this.#takes(dragged)) event.preventDefault() })
    this.addEventListener("dragend", () => this.#end())
  }

  get items() { return [...this.querySelectorAll("[data-id]")] }
  get group() { return this.getAttribute("group") }

  #furnish() {
    if (this.items.length > 1 || this.group) for (const item of this.items) this.#equip(item)
  }

  #equip(item) {
    if (item.querySelector(":scope > .order-buttons")) return
    item.draggable = true
    for (const inside of item.querySelectorAll("a, img")) inside.draggable = false
    const buttons = Object.assign(document.createElement("div"), { className: "order-buttons" })
    for (const [step, icon, name] of [[-1, "chevron-left", this.getAttribute("earlier") ?? "Earlier"], [1, "chevron-right", this.getAttribute("later") ?? "Later"]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--icon button--small", ariaLabel: name, title: name })
      button.append(document.querySelector(`template[data-icon="${icon}"]`)?.content.cloneNode(true) ?? (step < 0 ? "‹" : "›"))
      // Of the list that it is in by then.
      button.addEventListener("click", () => item.closest("order-list").step(item, step, button))
      buttons.append(button)
    }
    item.append(buttons)
  }

  /** One place earlier (-1) or later (1). */
  step(item, step, button) {
    const items = this.items
    const other = items[items.indexOf(item) + step]
    if (!other) return item.dataset.move && this.#post(item.dataset.move, { to: step < 0 ? "earlier" : "later" }, button)
    step < 0 ? other.before(item) : other.after(item)
    button.focus()
    this.#send()
  }

  #start(event) {
    const item = event.target.closest?.("[data-id]")
    if (!item || !this.contains(item)) return
    dragged = item
    item.toggleAttribute("data-dragged", true)
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", item.dataset.id)
  }

  #takes(item) { return item && (this.contains(item) || (this.group && this.group === item.closest("order-list")?.group)) }

  #over(event) {
    if (!this.#takes(dragged)) return
    event.preventDefault()
    const item = event.target.closest("[data-id]")
    if (item === dragged) return
    const items = this.items, here = items.indexOf(dragged)
    if (item) here >= 0 && items.indexOf(item) > here ? item.after(dragged) : item.before(dragged)
    else if (here < 0) items.length ? items.at(-1).after(dragged) : this.firstElementChild.prepend(dragged)
  }

  /** It was let go: the list that it is in says so. */
  #end() {
    if (!dragged) return
    dragged.removeAttribute("data-dragged")
    dragged = undefined
    this.#send()
  }

  #send() { this.#post(this.getAttribute("post"), this.items.map((item) => ["id", item.dataset.id])) }

  /** One after the other, so that the last one said is the last one kept. */
  #post(address, values, button) {
    const mine = ++sent
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" }
    sending = sending.then(async () => {
      const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(values) })
      if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText)
      if (answer.ok && mine === sent && !dragged) redraw(await answer.text())
      button?.focus()
    }).catch(() => dispatchEvent(new CustomEvent("studio:toast", { detail: { name: "offline" } })))
  }
}
customElements.define("order-list", OrderList)

/** Put the items of the page's lists into the order of a page that came, with their numbers. */
function redraw(html) {
  const came = new DOMParser().parseFromString(html, "text/html")
  for (const list of document.querySelectorAll("order-list[group]")) {
    const now = [...(came.querySelector(`order-list[post="${list.getAttribute("post")}"]`)?.querySelectorAll("[data-id]") ?? [])]
    const items = now.map((item) => document.getElementById(item.id)).filter(Boolean)
    items.forEach((item, place) => {
      if (list.items[place] === item) return
      place ? items[place - 1].after(item) : list.firstElementChild.prepend(item)
    })
    for (const item of now) {
      const [shown, told] = [document.getElementById(item.id), item].map((one) => one?.querySelector("[data-number]"))
      if (shown && told) shown.textContent = told.textContent
    }
  }
}
