import { fromAbove, keyAt, keysOf, textOf } from "lib/camera-path"
import { fill } from "lib/words"

const DISTANCE = 4          // metres from the subject in the plan; how far it really is, the shot decides
const SAMPLES = 80
const HALF_VIEW = Math.PI / 8
const FIRST = "0% orbit -30\n100% orbit 30"
const SVG = "http://www.w3.org/2000/svg"

/** Wraps the lines of a camera's path in rows of numbers, and draws the path from above. Its text is what is sent. */
class CameraPath extends HTMLElement {
  #keys = []

  connectedCallback() {
    const stated = this.text.value.trim()
    const keys = keysOf(stated || FIRST, this.framed)
    if (!keys || keys.length < 2) return              // what was written stays as it was written, to be put right
    this.#keys = keys
    this.querySelector(".camera-path__text").hidden = true
    this.querySelector(".camera-path__editor").hidden = false
    this.#show()
    this.addEventListener("input", ({ target }) => this.#take(target))
    this.addEventListener("change", ({ target }) => { if (target.dataset.quantity === "at") this.#order(target) })
    this.addEventListener("click", ({ target }) => this.#click(target.closest("button")))
    this.closest("camera-choice").addEventListener("change", this.#keep)
    this.length.addEventListener("input", this.#show)
    this.#keep()
  }

  disconnectedCallback() {
    this.closest("camera-choice")?.removeEventListener("change", this.#keep)
    this.length?.removeEventListener("input", this.#show)
  }

  get text() { return this.querySelector("textarea") }
  get length() { return document.getElementById(this.getAttribute("length")) }
  get seconds() { return Number(this.length.value) || 1 }
  get rows() { return [...this.querySelectorAll(".camera-path__keys > *")] }
  get add() { return this.querySelector(".camera-path__add") }

  /** Every quantity as framed, in the order of a row. */
  get framed() {
    const inputs = this.querySelector("template").content.querySelectorAll("[data-framed]")
    return Object.fromEntries([...inputs].map(({ dataset }) => [dataset.quantity, Number(dataset.framed)]))
  }

  #show = () => {
    const { content } = this.querySelector("template")
    this.querySelector(".camera-path__keys").replaceChildren(...this.#keys.map((key, nth) => {
      const row = content.cloneNode(true).firstElementChild
      const legend = row.querySelector("legend")
      const button = row.querySelector("button")
      for (const words of [legend, button.querySelector("span")]) words.textContent = fill(words.textContent, { number: nth + 1 })
      button.disabled = this.#keys.length <= 2
      for (const input of row.querySelectorAll("input")) {
        const { quantity } = input.dataset
        input.value = Number((quantity === "at" ? key.at * this.seconds : key[quantity]).toFixed(quantity === "at" ? 2 : 4))
        if (quantity === "at") input.max = this.seconds
      }
      return row
    }))
    this.add.disabled = this.#keys.length >= Number(this.getAttribute("most"))
    this.#draw()
  }

  #take(input) {
    const key = this.#keys[this.rows.indexOf(input.closest("fieldset.camera-key"))]
    const { quantity, framed } = input.dataset
    if (!key || !quantity) return
    const number = input.value === "" ? Number(framed ?? 0) : input.valueAsNumber
    key[quantity] = quantity === "at" ? number / this.seconds : number
    this.#keep()
    this.#draw()
  }

  /** A key whose time was changed takes its place among the others. */
  #order(input) {
    const key = this.#keys[this.rows.indexOf(input.closest("fieldset.camera-key"))]
    this.#keys.sort((one, other) => one.at - other.at)
    this.#keep()
    this.#show()
    this.#focus(this.#keys.indexOf(key))
  }

  #click(button) {
    if (button === this.add) this.#focus(this.#insert())
    if (!button?.classList.contains("camera-key__remove")) return
    const nth = this.rows.indexOf(button.closest("fieldset"))
    this.#keys.splice(nth, 1)
    this.#keep()
    this.#show()
    this.#focus(Math.min(nth, this.#keys.length - 1))
  }

  /** One key more, in the middle of the longest way, where the camera goes anyway. Its number among them. */
  #insert() {
    const gaps = this.#keys.slice(1).map((key, nth) => key.at - this.#keys[nth].at)
    const nth = gaps.indexOf(Math.max(...gaps)) + 1
    this.#keys.splice(nth, 0, keyAt(this.#keys, (this.#keys[nth - 1].at + this.#keys[nth].at) / 2))
    this.#keep()
    this.#show()
    return nth
  }

  #focus(nth) { this.rows[nth].querySelector("input").focus() }

  #keep = () => {
    const wanted = this.closest("fieldset.field").querySelector(".choice--path input").checked
    if (wanted || this.text.value) this.text.value = textOf(this.#keys, this.framed)
  }

  #draw() {
    const keys = [...this.#keys].sort((one, other) => one.at - other.at)
    const sound = keys.every((key, nth) => Object.values(key).every(Number.isFinite) && key.zoom > 0 && (!nth || key.at > keys[nth - 1].at))
    if (!sound) return                                // while a number is being written
    const [first, last] = [keys[0].at, keys.at(-1).at]
    const way = Array.from({ length: SAMPLES + 1 }, (_, nth) => fromAbove(keyAt(keys, first + (last - first) * nth / SAMPLES), DISTANCE))
    const reach = Math.max(DISTANCE, ...way.map(({ x, y }) => Math.hypot(x, y))) * 1.25
    const plan = this.querySelector("svg")
    plan.setAttribute("viewBox", [-reach, -reach, 2 * reach, 2 * reach].join(" "))
    const size = reach / 11
    plan.replaceChildren(
      part("circle", { class: "camera-path__ring", r: DISTANCE }),
      part("circle", { class: "camera-path__subject", r: size }),
      part("polyline", { class: "camera-path__way", points: way.map(({ x, y }) => `${x.toFixed(3)},${y.toFixed(3)}`).join(" ") }),
      ...keys.flatMap((key, nth) => {
        const { x, y, heading: [ahead, below] } = fromAbove(key, DISTANCE)
        const half = Math.atan(Math.tan(HALF_VIEW) / key.zoom)
        const edge = (turn) => {
          const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
          return `${x + 4 * size * (ahead * cos - below * sin)},${y + 4 * size * (ahead * sin + below * cos)}`
        }
        const label = part("text", { x, y, "font-size": 1.3 * size, dy: "0.36em" })
        label.textContent = nth + 1
        return [
          part("polygon", { class: "camera-path__view", points: `${x},${y} ${edge(-half)} ${edge(half)}` }),
          part("circle", { class: "camera-path__key", cx: x, cy: y, r: size }),
          label,
        ]
      }),
    )
  }
}

function part(name, attributes) {
  const element = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  return element
}
customElements.define("camera-path", CameraPath)
