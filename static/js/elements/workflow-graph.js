import { socket } from "lib/socket"
import { nearest, shifted } from "lib/graph"

const NEWS_MS = [400, 2_000]     // after something happened: at once, and when the next node was asked for
const DRAG_PX = 4                // less is a click
const NOTHING = { open: [], written: [] }

let kept = NOTHING           // of the element that makes room for the one that comes
let focus = null             // the node that is to have the focus then

/**
 * A workflow's graph. By keyboard: from node to node, one opened, connected, taken away, added; by pointer they are put
 * elsewhere. Whatever it does it does by the page's own forms. Of a run it fetches how far that is.
 */
class WorkflowGraph extends HTMLElement {
  #stop
  #timers = []
  #source = null             // the node that is being connected
  #drag = null

  connectedCallback() {
    this.#stop = socket.listen((message) => this.#receive(message))
    this.addEventListener("keydown", this.#press)
    this.addEventListener("click", this.#click)
    this.addEventListener("pointerdown", this.#grasp)
    this.addEventListener("dragstart", (event) => event.target.closest("[data-node]") && event.preventDefault())
    this.addEventListener("input", ({ target }) => target.form?.classList.contains("flow-row__form") && (target.form.dataset.dirty = ""))
    this.addEventListener("htmx:beforeRequest", ({ target }) => delete target.dataset.dirty)
    this.addEventListener("htmx:beforeSwap", ({ target }) => target === this && this.#keep())
    this.addEventListener("htmx:afterSettle", ({ target }) => target === this && this.#restore())
    this.addEventListener("focusin", ({ target }) => target.matches("svg [data-node]") && this.#rove(target))
    this.#rove(this.#chosen)
  }

  disconnectedCallback() {
    this.#stop()
    this.#timers.forEach(clearTimeout)
  }

  /** What is open, and what is half written and not sent, for the one that takes this one's place. */
  #keep() {
    const dirty = [...this.querySelectorAll("form[data-dirty]")].flatMap((form) => [...form.elements])
    kept = {
      open: [...this.querySelectorAll("details[open][id]")].map(({ id }) => id),
      written: dirty.filter(({ id }) => id).map(({ id, value }) => ({ id, value })),
    }
  }

  get #nodes() { return [...this.querySelectorAll("svg [data-node]")] }
  get #canEdit() { return this.hasAttribute("editable") }

  get #chosen() { return this.#node(this.getAttribute("chosen")) ?? this.#nodes[0] }

  #node(id) { return this.#nodes.find(({ dataset }) => dataset.node === id) }

  /** What was, in this one. */
  #restore() {
    for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "")
    for (const { id, value } of kept.written) {
      const field = document.getElementById(id)
      if (field) [field.value, field.form.dataset.dirty] = [value, ""]
    }
    const node = this.#node(focus)
    if (node) node.focus({ preventScroll: true })
    kept = NOTHING
    focus = null
  }

  #receive(message) {
    const project = this.getAttribute("project")
    if (!project || !this.hasAttribute("hx-get") || (message.type === "event" && message.project !== project)) return
    if (message.type !== "event" && message.type !== "reload") return
    this.#timers.forEach(clearTimeout)
    this.#timers = NEWS_MS.map((ms) => setTimeout(() => this.dispatchEvent(new CustomEvent("run-changed")), ms))
    document.body.dispatchEvent(new CustomEvent("studio-changed"))
  }

  #rove(node) {
    for (const other of this.#nodes) other.setAttribute("tabindex", other === node ? 0 : -1)
  }

  #say(words, names = {}) {
    const news = this.querySelector(".workflow__news")
    if (news) news.textContent = words.replace(/\{(\w+)\}/g, (_, name) => names[name] ?? "")
  }

  #press = (event) => {
    const node = event.target.closest("svg [data-node]")
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return
    const act = this.#acts[event.key] ?? (this.#canEdit ? this.#edits[event.key.toLowerCase()] : undefined)
    if (!act) return
    event.preventDefault()
    act(node, event.key)
  }

  #acts = {
    ...Object.fromEntries(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => [key, (node) => this.#go(node, key)])),
    Enter: (node) => (this.#source ? this.#connect(node) : this.#open(node)),
    Escape: () => this.#leave(),
  }

  #edits = {
    c: (node) => this.#begin(node),
    a: () => document.querySelector("#workflow-add select")?.focus(),
    delete: (node) => this.#remove(node),
    backspace: (node) => this.#remove(node),
  }

  #go(node, key) {
    const to = nearest(node, this.#nodes, key)
    to?.focus()
    to?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  #open(node) {
    const row = document.getElementById(`node-${node.dataset.node}`)
    if (!row) return
    row.setAttribute("open", "")
    row.scrollIntoView({ block: "center" })
    row.querySelector(".flow-row__form :is(input:not([type=hidden]), textarea, select)")?.focus({ preventScroll: true })
  }

  #begin(node) {
    if (!node.dataset.gives) return
    this.#source = node
    node.setAttribute("data-connecting", "")
    this.#say(this.dataset.choose, { node: node.dataset.name })
  }

  #leave() {
    if (!this.#source) return
    this.#source.removeAttribute("data-connecting")
    this.#source = null
    this.#say(this.dataset.left)
  }

  /** Into the first place of a node that takes what the other gives: an empty one before one that has something. */
  #connect(node) {
    const source = this.#source
    const form = document.getElementById("workflow-connect")
    const gives = source.dataset.gives
    const places = node.dataset.takes.trim().split(" ").filter(Boolean).map((one) => one.split(":"))
    const fitting = places.filter(([, types]) => types.split("/").some((type) => type === gives || (type === "text" && gives === "captions")))
    const taken = new Set([...this.querySelectorAll(`#node-${CSS.escape(node.dataset.node)} select`)].filter(({ value }) => value).map(({ name }) => name.split("from__")[1]))
    const place = fitting.find(([name]) => !taken.has(name)) ?? fitting[0]
    const names = { node: source.dataset.name, other: node.dataset.name }
    if (!place || !form || node === source) return this.#say(this.dataset.noPlace, names)
    form.elements.source.value = source.dataset.node
    form.elements.to.value = `${node.dataset.node} ${place[0]}`
    this.#say(this.dataset.connected, names)
    this.#submit(form, source.dataset.node)
  }

  #remove(node) {
    const form = this.querySelector(`form[data-away="${CSS.escape(node.dataset.node)}"]`)
    const before = nearest(node, this.#nodes, "ArrowLeft") ?? this.#nodes.find((other) => other !== node)
    if (form) this.#submit(form, before?.dataset.node)
  }

  #submit(form, next) {
    focus = next ?? null
    form.requestSubmit()
  }

  #click = (event) => {
    const node = event.target.closest("svg [data-node]")
    if (!node || event.defaultPrevented) return
    event.preventDefault()
    if (this.#drag?.moved) return
    if (this.#source) this.#connect(node)
    else this.#open(node)
  }

  #grasp = (event) => {
    this.#drag = null
    const node = event.target.closest("svg [data-node]")
    if (!node || !this.#canEdit || event.button || event.pointerType === "touch") return
    this.#drag = { node, x: event.clientX, y: event.clientY, moved: false }
    const lines = [...this.querySelectorAll(".flow-line")].filter(({ dataset }) => [dataset.from, dataset.to].includes(node.dataset.node))
    this.#drag.lines = lines.map((line) => [line, line.getAttribute("d")])
    addEventListener("pointermove", this.#move)
    addEventListener("pointerup", this.#drop, { once: true })
  }

  #move = ({ clientX, clientY }) => {
    const { node, x, y, lines } = this.#drag
    const [dx, dy] = [clientX - x, clientY - y]
    if (!this.#drag.moved && Math.hypot(dx, dy) < DRAG_PX) return
    Object.assign(this.#drag, { moved: true, dx, dy })
    node.setAttribute("transform", `translate(${Number(node.dataset.x) + dx} ${Number(node.dataset.y) + dy})`)
    for (const [line, path] of lines) {
      line.setAttribute("d", shifted(path, line.dataset.from === node.dataset.node, dx, dy))
    }
  }

  #drop = () => {
    removeEventListener("pointermove", this.#move)
    const { node, moved, dx, dy } = this.#drag
    if (!moved) return
    const places = Object.fromEntries(this.#nodes.map(({ dataset }) => [dataset.node, [Number(dataset.x), Number(dataset.y)]]))
    places[node.dataset.node] = [Number(node.dataset.x) + dx, Number(node.dataset.y) + dy]
    const form = document.getElementById("workflow-places")
    form.elements.places.value = JSON.stringify(places)
    this.#submit(form, node.dataset.node)
  }
}
customElements.define("workflow-graph", WorkflowGraph)
