import * as edit from "lib/cut"
import { REACH } from "lib/track-sizes"

const EDGE = 8                // pixels of a clip's ends that trim it
const SLACK = 3               // pixels before a press becomes a drag

/** The pointer's work on the tracks: choose, move, trim and slip clips; drag over nothing; drag along the ruler. */
export class TrackPointer {
  #tracks
  #drag

  constructor(tracks) {
    this.#tracks = tracks
    tracks.inner.addEventListener("pointerdown", (event) => this.#press(event))
    tracks.inner.addEventListener("pointermove", (event) => this.#hover(event))
    tracks.inner.addEventListener("click", (event) => this.#click(event))
  }

  #press(event) {
    if (event.button !== 0) return
    if (event.target.closest(".gap, .marker")) return
    const node = event.target.closest(".clip")
    if (!node) return event.target.closest(".tracks__ruler") ? this.#scrub(event) : this.#lasso(event)
    const id = node.dataset.clip, track = edit.trackOf(this.#tracks.cut, id)
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      const ids = new Set(this.#tracks.selection)
      ids.has(id) ? ids.delete(id) : ids.add(id)
      return this.#tracks.select(ids)
    }
    const touched = event.pointerType === "touch" && !this.#tracks.selection.has(id)
    if (!this.#tracks.selection.has(id)) this.#tracks.select([id])
    if (touched || track.locked || this.#tracks.looking) return            // the first touch chooses, so that a finger can scroll
    const { left, right } = node.getBoundingClientRect()
    const slim = right - left < 3 * EDGE
    const near = slim ? 3 : EDGE
    const does = event.clientX - left <= near ? "start" : right - event.clientX <= near ? "end" : event.altKey ? "slip" : "move"
    this.#begin(event, { does, id, ids: does === "move" ? [...this.#tracks.selection] : [id] })
  }

  #begin(event, drag) {
    event.preventDefault()
    this.#tracks.inner.setPointerCapture(event.pointerId)
    const clips = drag.ids.map((id) => edit.clipOf(this.#tracks.cut, id))
    const edges = { start: clips.slice(0, 1).map(({ at }) => at), end: clips.slice(0, 1).map(edit.end), move: clips.flatMap((clip) => [clip.at, edit.end(clip)]), slip: [] }[drag.does]
    this.#drag = { ...drag, edges, x: event.clientX, scroll: this.#tracks.scroller.scrollLeft, clientX: event.clientX, clientY: event.clientY, points: edit.snapPoints(this.#tracks.cut, { without: drag.ids, playhead: Math.floor(this.#tracks.playhead) }) }
    const move = (moved) => this.#dragged(moved)
    const done = (ended) => {
      this.#tracks.inner.removeEventListener("pointermove", move)
      this.#tracks.inner.removeEventListener("pointerup", done)
      this.#tracks.inner.removeEventListener("pointercancel", done)
      removeEventListener("keydown", escape, true)
      this.#dropped(ended.type === "pointerup")
    }
    const escape = (key) => {
      if (key.key !== "Escape") return
      key.stopPropagation()
      done({ type: "cancelled" })
    }
    this.#tracks.inner.addEventListener("pointermove", move)
    this.#tracks.inner.addEventListener("pointerup", done)
    this.#tracks.inner.addEventListener("pointercancel", done)
    addEventListener("keydown", escape, true)
    this.#tracks.focusClip(drag.id)
  }

  #dragged({ clientX, clientY, altKey }) {
    const drag = this.#drag
    if (!drag) return
    Object.assign(drag, { clientX, clientY, altKey })
    const pixels = clientX - drag.x + this.#tracks.scroller.scrollLeft - drag.scroll
    if (!drag.moving && Math.abs(pixels) < SLACK && Math.abs(clientY - drag.clientY) < SLACK) return
    drag.moving = true
    let by = Math.round(pixels / this.#tracks.scale)
    const caught = this.#tracks.snapping && drag.does !== "slip" ? edit.snap(drag.edges.map((edge) => edge + by), drag.points, REACH / this.#tracks.scale) : null
    if (caught !== null && drag.does !== "slip") by += caught
    const rules = { pace: this.#tracks.pace, room: this.#tracks.room, ripple: this.#tracks.rippling }
    const lane = document.elementFromPoint(clientX, clientY)?.closest?.(".track")
    const shown = {
      move: () => edit.move(this.#tracks.cut, drag.ids, by, { to: drag.ids.length === 1 ? lane?.dataset.track : null, pace: this.#tracks.pace }),
      start: () => edit.trim(this.#tracks.cut, drag.id, "start", by, rules),
      end: () => edit.trim(this.#tracks.cut, drag.id, "end", by, rules),
      slip: () => edit.slip(this.#tracks.cut, drag.id, -by, rules),
    }[drag.does]()
    this.#tracks.shown = shown
    this.#tracks.inner.dataset.does = drag.does
    this.#tracks.say("preview", { cut: shown, id: drag.id, does: drag.does })
    this.#tracks.soon()
  }

  #dropped(kept) {
    const drag = this.#drag
    this.#drag = null
    delete this.#tracks.inner.dataset.does
    const cut = this.#tracks.shown
    this.#tracks.shown = this.#tracks.cut
    if (drag?.moving && kept) this.#tracks.say("change", { cut })
    else if (drag?.moving) this.#tracks.soon()
    else if (kept && this.#tracks.selection.size > 1) this.#tracks.select([drag.id])
    this.#tracks.say("preview", { cut: null })
  }

  /** Drag over nothing: choose all that it touches. */
  #lasso(event) {
    const lane = event.target.closest(".track")
    if (event.pointerType === "touch") return
    const begun = { x: event.clientX, y: event.clientY, frame: this.#tracks.frameAt(event) }
    let dragged = false
    const box = this.#tracks.querySelector(".tracks__lasso")
    const move = ({ clientX, clientY }) => {
      if (!dragged && Math.hypot(clientX - begun.x, clientY - begun.y) < SLACK) return
      dragged = true
      const around = this.#tracks.inner.getBoundingClientRect()
      const [left, right] = [Math.min(begun.x, clientX), Math.max(begun.x, clientX)], [top, bottom] = [Math.min(begun.y, clientY), Math.max(begun.y, clientY)]
      Object.assign(box.style, { transform: `translate(${left - around.left}px, ${top - around.top}px)`, inlineSize: `${right - left}px`, blockSize: `${bottom - top}px` })
      box.hidden = false
      const ids = []
      for (const [id, { lane }] of this.#tracks.lanes) {
        const edges = lane.getBoundingClientRect()
        if (edges.bottom < top || edges.top > bottom) continue
        const track = this.#tracks.cut.tracks.find((one) => one.id === id)
        ids.push(...edit.between(track, (left - around.left) / this.#tracks.scale, (right - around.left) / this.#tracks.scale).map((clip) => clip.id))
      }
      this.#tracks.select(ids)
    }
    const done = () => {
      removeEventListener("pointermove", move)
      removeEventListener("pointerup", done)
      box.hidden = true
      if (dragged) return
      this.#tracks.select([])
      if (lane) this.#tracks.say("seek", { frame: begun.frame })
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", done)
  }

  /** Drag along the ruler: the playhead goes along. */
  #scrub(event) {
    event.preventDefault()
    this.#tracks.inner.setPointerCapture(event.pointerId)
    const go = (moved) => this.#tracks.say("seek", { frame: this.#tracks.frameAt(moved) })
    const done = () => {
      this.#tracks.inner.removeEventListener("pointermove", go)
      this.#tracks.inner.removeEventListener("pointerup", done)
      this.#tracks.inner.removeEventListener("pointercancel", done)
    }
    go(event)
    this.#tracks.inner.addEventListener("pointermove", go)
    this.#tracks.inner.addEventListener("pointerup", done)
    this.#tracks.inner.addEventListener("pointercancel", done)
  }

  /** Which edge is under the pointer. */
  #hover({ target, clientX, altKey }) {
    if (this.#drag) return
    const node = target.closest?.(".clip")
    if (!node) return
    const { left, right } = node.getBoundingClientRect()
    const near = right - left < 3 * EDGE ? 3 : EDGE
    node.dataset.edge = clientX - left <= near ? "start" : right - clientX <= near ? "end" : altKey ? "slip" : ""
  }

  #click(event) {
    const gap = event.target.closest(".gap")
    if (gap) return this.#tracks.say("fill", { track: gap.dataset.track, at: Number(gap.dataset.at) })
    const marker = event.target.closest(".marker")
    if (marker) {
      const { at } = this.#tracks.cut.markers.find(({ id }) => id === marker.dataset.marker)
      return this.#tracks.say("seek", { frame: at, marker: marker.dataset.marker })
    }
    const clip = event.target.closest(".clip")
    // Pressed by the keyboard: there was no pointer that chose it.
    if (clip && event.detail === 0) this.#tracks.select([clip.dataset.clip])
  }
}
