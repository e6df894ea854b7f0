import { beingWritten, mentioned } from "lib/references"

const NEAR = 0.8            // of the limit: from here on the count is worth seeing without asking

/** Counts the prompt as the server does, in UTF-16 units, and grows with what is written. An @ offers the names of the
    references in the form, and of the film's own cast: arrow keys and Enter, or the pointer. Whom the prompt calls is
    shown below it, in order. */
class PromptBox extends HTMLElement {
  #chosen = 0

  connectedCallback() {
    this.#count()
    this.#showCalled()
    this.addEventListener("input", () => { this.#count(); this.#offer(); this.#showCalled() })
    if (!this.list) return
    this.addEventListener("keydown", (event) => this.#key(event))
    this.addEventListener("keyup", ({ key }) => { if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) this.#offer() })
    this.addEventListener("focusout", () => this.#close())
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault()                              // the caret stays where the name goes
      const one = event.target.closest("[role=option]")
      if (one) this.#take(one)
    })
  }

  get text() { return this.querySelector("textarea") }
  get list() { return this.querySelector("[role=listbox]") }
  get offered() { return [...this.list.children] }

  #count() {
    const limit = Number(this.getAttribute("limit"))
    const length = this.text.value.length
    const output = this.querySelector("output")
    output.hidden = length === 0
    output.textContent = `${length.toLocaleString(document.documentElement.lang)} / ${limit.toLocaleString(document.documentElement.lang)}`
    output.dataset.level = length > limit ? "over" : length > limit * NEAR ? "near" : "fine"
  }

  /** The references that are there and have a name. */
  get #references() {
    const slots = [...this.closest("form").querySelectorAll("picture-slot")]
    return slots.filter((slot) => slot.picture && slot.name?.value && !slot.querySelector(".picture__remove :checked"))
  }

  /** Everybody an @ can call: {tag, name, picture, href}; references of the form come before the cast. */
  get #offers() {
    const given = this.#references.map((slot) => ({ tag: slot.name.value, picture: slot.querySelector(".picture__thumb")?.src }))
    const taken = new Set(given.map(({ tag }) => tag.toLowerCase()))
    const cast = [...this.querySelectorAll(".prompt-cast > li")].map(({ dataset }) => ({ ...dataset }))
    return [...given, ...cast.filter(({ tag }) => !taken.has(tag.toLowerCase()))]
  }

  #offer() {
    if (!this.list) return
    const begun = beingWritten(this.text.value, this.text.selectionStart)
    const fits = ({ tag, name }) => tag.toLowerCase().startsWith(begun.toLowerCase()) || (begun && name?.toLowerCase().startsWith(begun.toLowerCase()))
    const fitting = begun === null ? [] : this.#offers.filter(fits)
    if (!fitting.length) return this.#close()
    this.list.replaceChildren(...fitting.map(({ tag, name, picture }, nth) => {
      const one = document.createElement("li")
      Object.assign(one, { id: `${this.list.id}-${nth}`, className: "prompt-names__one", role: "option" })
      one.dataset.tag = tag
      if (picture) one.append(Object.assign(new Image(), { src: picture, alt: "" }))
      one.append(`@${tag}`)
      if (name) one.append(Object.assign(document.createElement("span"), { className: "prompt-names__who", textContent: name }))
      return one
    }))
    this.list.hidden = false
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": this.list.id }))
      this.text.setAttribute(name, value)
    this.#mark(0)
  }

  #showCalled() {
    const chips = this.querySelector(".prompt-chips")
    if (!chips) return
    const offers = new Map(this.#offers.map((one) => [one.tag.toLowerCase(), one]))
    const called = mentioned(this.text.value)
    chips.hidden = !called.length
    chips.replaceChildren(...called.map((name) => {
      const one = offers.get(name.toLowerCase())
      const chip = document.createElement(one?.href ? "a" : "span")
      chip.className = "prompt-chip"
      if (one?.href) chip.href = one.href
      if (!one) chip.dataset.unknown = ""
      if (one?.picture) chip.append(Object.assign(new Image(), { src: one.picture, alt: "" }))
      chip.append(`@${one?.tag ?? name}`)
      const item = document.createElement("li")
      item.append(chip)
      return item
    }))
  }

  #close() {
    if (!this.list) return
    this.list.hidden = true
    for (const name of ["role", "aria-autocomplete", "aria-expanded", "aria-controls", "aria-activedescendant"]) this.text.removeAttribute(name)
  }

  #mark(nth) {
    this.#chosen = (nth + this.offered.length) % this.offered.length
    this.offered.forEach((one, at) => one.setAttribute("aria-selected", at === this.#chosen))
    this.text.setAttribute("aria-activedescendant", this.offered[this.#chosen].id)
  }

  #key(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const act = {
      ArrowDown: () => this.#mark(this.#chosen + 1),
      ArrowUp: () => this.#mark(this.#chosen - 1),
      Enter: () => this.#take(this.offered[this.#chosen]),
      Tab: () => this.#take(this.offered[this.#chosen]),
      Escape: () => this.#close(),
    }[event.key]
    if (!act || (event.key === "Tab" && event.shiftKey)) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }

  #take(one) {
    const caret = this.text.selectionStart
    const begun = beingWritten(this.text.value, caret)
    this.text.setRangeText(`@${one.dataset.tag} `, caret - begun.length - 1, caret, "end")
    this.text.dispatchEvent(new Event("input", { bubbles: true }))
    this.#close()
  }
}
customElements.define("prompt-box", PromptBox)
