import { blank } from "lib/blank-canvas"
import { timecode } from "lib/timecode"

/** The ruler above the tracks: timecodes, as many as there is room for. */
export class TimeRuler {
  #canvas
  #drawn                      // what it shows: from where on, how wide, at which scale and rate
  #style
  #tall

  constructor(canvas) { this.#canvas = canvas }

  /** Draw it from `left` on. True if there was something to draw. */
  draw(left, wide, scale, fps) {
    const canvas = this.#canvas
    const tall = (this.#tall ??= canvas.parentNode.clientHeight)
    const now = [left, wide, scale, fps]
    if (this.#drawn?.every((one, n) => one === now[n])) return false
    this.#drawn = now
    const context = blank(canvas, left, wide, tall)
    const { color, fontFamily } = (this.#style ??= getComputedStyle(canvas))
    context.fillStyle = color
    context.font = `11px ${fontFamily}`
    const steps = [1, 2, 5, 10, fps, 2 * fps, 5 * fps, 10 * fps, 30 * fps, 60 * fps, 300 * fps, 600 * fps, 1800 * fps]
    const step = steps.find((one) => one * scale >= 84) ?? 3600 * fps
    const small = step > fps ? step / 5 : Math.max(1, Math.round(step / 5))
    for (let frame = Math.floor(left / scale / step) * step; frame * scale < left + wide; frame += step) {
      const x = frame * scale - left
      context.globalAlpha = 1
      context.fillText(timecode(frame / fps, fps), x + 5, 13)
      context.globalAlpha = 0.5
      context.fillRect(Math.round(x), 0, 1, tall)
      for (let n = small; n < step; n += small) context.fillRect(Math.round(x + n * scale), tall - 6, 1, 6)
    }
    context.globalAlpha = 1
    return true
  }
}
