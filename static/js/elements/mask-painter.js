import { decimal, fill } from "lib/words"

const STEP = 6              // pixels of the picture that an arrow key moves the brush
const KEPT = 20             // strokes that can be undone
const SAME_MOMENT = 0.02    // seconds: less than a frame

/**
 * Paints over a clip which part of it is to change, and hands it to the form as a picture: white there, black elsewhere,
 * with the moment that the clip showed meanwhile. Without it the form takes such a picture as a file, and the moment as a
 * number.
 */
class MaskPainter extends HTMLElement {
  #strokes = []
  #at = null

  connectedCallback() {
    this.canvas = this.querySelector("canvas")
    this.ink = this.canvas.getContext("2d", { willReadFrequently: true })
    this.video = this.querySelector("video")
    this.file = this.querySelector("input[type=file]")
    this.file.closest("label").hidden = true
    this.querySelector(".mask-painter__tools").hidden = false
    this.canvas.hidden = false
    const seek = this.querySelector("[data-does=seek]")
    const show = () => { if (this.video.duration) this.video.currentTime = seek.value * Math.max(0, this.video.duration - 0.05) }
    seek.addEventListener("input", show)
    this.video.addEventListener("loadedmetadata", show, { once: true })
    show()
    this.moment = this.closest("form").elements.painted_at
    this.video.addEventListener("seeked", () => this.#sayMoment())
    this.#sayMoment()
    this.querySelector("[data-does=undo]").addEventListener("click", () => this.#undo())
    this.querySelector("[data-does=clear]").addEventListener("click", () => this.#clear())
    this.canvas.addEventListener("pointerdown", (event) => this.#begin(event))
    this.canvas.addEventListener("pointermove", (event) => this.#go(event))
    this.canvas.addEventListener("keydown", (event) => this.#key(event))
    this.canvas.addEventListener("blur", () => this.#ring(null))
    this.canvas.addEventListener("pointerleave", () => this.#ring(null))
    this.canvas.addEventListener("pointerup", () => this.#keep())
    this.canvas.addEventListener("pointercancel", () => this.#keep())
  }

  get #erases() { return this.querySelector("[name=tool]:checked").value === "eraser" }
  get #size() { return Number(this.querySelector("[data-does=size]").value) / 100 * this.canvas.height }

  #where(event) {
    const box = this.canvas.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width * this.canvas.width, (event.clientY - box.top) / box.height * this.canvas.height]
  }

  #begin(event) {
    if (event.button) return
    event.preventDefault()
    this.canvas.focus({ preventScroll: true })
    this.canvas.setPointerCapture(event.pointerId)
    this.#remember()
    this.#at = this.#where(event)
    this.#line(this.#at, this.#at)
  }

  #go(event) {
    const to = this.#where(event)
    this.#ring(to)
    if (!(event.buttons & 1) || !this.#at) return
    for (const passed of event.getCoalescedEvents?.() ?? []) {
      const point = this.#where(passed)
      this.#line(this.#at, point)
      this.#at = point
    }
    this.#line(this.#at, to)
    this.#at = to
  }

  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    this.#at ??= [this.canvas.width / 2, this.canvas.height / 2]
    if (moves) {
      this.#at = [
        Math.min(this.canvas.width, Math.max(0, this.#at[0] + moves[0] * STEP)),
        Math.min(this.canvas.height, Math.max(0, this.#at[1] + moves[1] * STEP)),
      ]
    } else if (event.key === " ") {
      this.#remember()
      this.#line(this.#at, this.#at)
      this.#keep()
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.#undo()
    } else {
      return
    }
    event.preventDefault()
    this.#ring(this.#at)
  }

  #line(from, to) {
    this.#paintedNow()
    const ink = this.ink
    ink.globalCompositeOperation = this.#erases ? "destination-out" : "source-over"
    ink.strokeStyle = getComputedStyle(this.canvas).color
    ink.lineWidth = this.#size
    ink.lineCap = ink.lineJoin = "round"
    ink.beginPath()
    ink.moveTo(...from)
    ink.lineTo(...to)
    ink.stroke()
  }

  /** What is followed is followed from where the clip stands while it is painted over. */
  #paintedNow() {
    this.moment.value = this.video.currentTime.toFixed(3)
    this.#sayMoment()
  }

  /** What was painted at another moment than the one that is seen is shown faintly where it is followed. */
  #sayMoment() {
    const at = this.moment.value
    const words = this.querySelector(".mask-painter__moment")
    words.value = at === "" ? "" : fill(words.dataset.words, { seconds: decimal(at) })
    this.toggleAttribute("data-elsewhere", at !== "" && Math.abs(this.video.currentTime - at) > SAME_MOMENT)
  }

  /** Where the brush is and how large, drawn by CSS. */
  #ring(at) {
    const stage = this.canvas.parentElement
    stage.toggleAttribute("data-brush", at !== null)
    if (!at) return
    stage.style.setProperty("--brush-x", `${at[0] / this.canvas.width * 100}%`)
    stage.style.setProperty("--brush-y", `${at[1] / this.canvas.height * 100}%`)
    stage.style.setProperty("--brush-size", `${this.#size / this.canvas.width * 100}%`)
  }

  #remember() {
    this.#strokes.push(this.ink.getImageData(0, 0, this.canvas.width, this.canvas.height))
    if (this.#strokes.length > KEPT) this.#strokes.shift()
  }

  #undo() {
    const before = this.#strokes.pop()
    if (before) this.ink.putImageData(before, 0, 0)
    this.#keep()
  }

  #clear() {
    this.#remember()
    this.ink.clearRect(0, 0, this.canvas.width, this.canvas.height)
    this.#keep()
  }

  /** What is painted, as the file that the form sends. */
  #keep() {
    const copy = new OffscreenCanvas(this.canvas.width, this.canvas.height)
    const ink = copy.getContext("2d")
    ink.drawImage(this.canvas, 0, 0)
    ink.globalCompositeOperation = "source-in"
    ink.fillStyle = "white"
    ink.fillRect(0, 0, copy.width, copy.height)
    ink.globalCompositeOperation = "destination-over"
    ink.fillStyle = "black"
    ink.fillRect(0, 0, copy.width, copy.height)
    copy.convertToBlob({ type: "image/png" }).then((blob) => {
      const files = new DataTransfer()
      files.items.add(new File([blob], "part.png", { type: "image/png" }))
      this.file.files = files.files
    })
  }
}
customElements.define("mask-painter", MaskPainter)
