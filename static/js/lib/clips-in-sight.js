import { dress, label, stretch } from "lib/clip-looks"
import { ClipSheets } from "lib/clip-sheets"
import * as edit from "lib/cut"
import { decimal, fill } from "lib/words"

const WHOLE = 1500            // clips of a film that are all drawn ahead, where they crowd
const DRAWING_MS = 0.7        // of a frame, for clips that come into sight, with their stills; the browser needs
                              // as long to lay them out and paint them; what is left waits for the next

/**
 * The elements of clips and gaps: only those that are seen, or nearly, have one. Where clips crowd they are slim, and cost
 * next to nothing once they are there: all of the film are drawn, the nearest first, so that scrolling finds them ready.
 */
export class ClipsInSight {
  #tracks
  #sheets
  #nodes = new Map()          // clip id, or place of a gap → { node, sheet, page, isOld, clip, … }
  #undressed = new Set()      // ids of clips whose stills are still to be drawn
  #gaps = new WeakMap()
  #count = 0                  // of the film's clips

  constructor(tracks) {
    this.#tracks = tracks
    this.#sheets = new ClipSheets(tracks.lanes)
    decimal(0)                // the first number that is written takes up to 80 ms: not in a frame
  }

  nodeOf(id) { return this.#nodes.get(id)?.node }

  /** The scale of what is drawn; after a zoom not yet that of now. */
  get scale() { return this.#sheets.newest.scale }

  /** The lanes are other ones: begin with none. */
  clear() {
    this.#nodes.clear()
    this.#undressed.clear()
    this.#sheets.clear()
    this.#layOut()
  }

  /** All are to be drawn anew, at the scale of now. */
  renew() {
    this.#layOut()
    for (const known of this.#nodes.values()) known.isOld = true
  }

  #layOut() {
    const { scale, shown } = this.#tracks
    this.#count = shown.tracks.reduce((sum, { clips }) => sum + clips.length, 0)
    this.#sheets.layOut(scale, this.#count, edit.lengthOf(shown))
  }

  /** Show at least what lies between two frames of the cut, as far as this frame of the screen has time for it; `busy` has not. */
  draw(busy, from, to, middle) {
    const { scale, shown } = this.#tracks
    // Not while something is dragged: each of its frames has lanes laid out, and the fewer clips are on them the better.
    if (this.#sheets.isCrowded && this.#count <= WHOLE && shown === this.#tracks.cut) [from, to] = [0, Infinity]
    const zooming = this.scale !== scale          // what is there is stretched until that has ended
    const seen = new Set(), coming = []
    const show = (key, track, clip, place) => {
      const known = this.#nodes.get(key)
      seen.add(key)
      if (known && (!known.isOld || known.clip !== clip)) place()
      else if (!known || !zooming) coming.push({ clip, place, away: this.#sheets.away(clip.at, middle) })
    }
    for (const track of shown.tracks) {
      for (const clip of edit.between(track, from, to)) show(clip.id, track, clip, () => this.#place(track, clip))
      // While something is dragged, there would be other gaps in every frame, and nobody can fill one then.
      if (track.kind !== "video" || shown !== this.#tracks.cut) continue
      for (const gap of this.#gapsOf(track)) if (gap.at < to && edit.end(gap) > from) show(gap.key, track, gap, () => this.#placeGap(track, gap))
    }
    // Page by page, and lane by lane, since the sort is stable: a page is painted anew as a whole.
    this.#give(busy, coming.sort((one, other) => one.away - other.away), seen)
    this.#sheets.stretch(scale)
  }

  /**
   * Give what comes into sight elements, the nearest first, and dress them, as long as the frame has time for it: one
   * that had to draw the ruler or sounds has no more than for the first.
   */
  #give(busy, coming, seen) {
    const began = busy ? -Infinity : performance.now()
    const late = () => performance.now() - began > DRAWING_MS
    for (const { clip, place } of coming) {
      place()
      if (this.#undressed.has(clip.id)) this.#dress(clip.id)
      if (late()) break
    }
    for (const id of this.#undressed) {
      if (late()) break
      this.#dress(id)
    }
    for (const [id, { node }] of this.#nodes) {
      if (seen.has(id)) continue
      node.remove()
      this.#nodes.delete(id)
      this.#undressed.delete(id)
      if (late()) break
    }
    if (late()) this.#tracks.soon()
  }

  /** The element of a clip or gap, made of its template where there is none, and on the newest sheet if it is old. */
  #known(key, track, part, at) {
    let known = this.#nodes.get(key)
    if (!known) this.#nodes.set(key, (known = { node: this.#tracks.template(part), isOld: true }))
    const { node } = known
    const sheet = known.isOld ? this.#sheets.newest : known.sheet
    const page = this.#sheets.page(sheet, track, at)
    if (node.parentNode !== page.layer) {
      const focused = node === document.activeElement
      page.layer.append(node)
      if (focused) node.focus({ preventScroll: true })
    }
    Object.assign(known, { sheet, page })
    return known
  }

  #place(track, clip) {
    const known = this.#known(clip.id, track, "clip", clip.at)
    const { node, sheet, page, isOld } = known
    const selected = this.#tracks.selection.has(clip.id)
    if (known.selected !== selected) {
      known.selected = selected
      node.setAttribute("aria-pressed", String(selected))
    }
    const material = this.#tracks.material[edit.sourceKey(clip)]
    if (known.clip === clip && known.material === material && !isOld) return
    const before = known.clip
    const width = Math.max(2, clip.frames * sheet.scale - 1)
    const same = before === clip && known.material === material       // and only the scale is another
    Object.assign(known, { clip, material, width, isOld: false })
    if (!before) {
      node.dataset.clip = clip.id
      const [strip, name, note] = node.children
      Object.assign(known, { strip, name, note })
      node.replaceChildren()
    }
    const moved = !isOld && before && before.frames === clip.frames && before.in_frame === clip.in_frame && before.source === clip.source && before.text === clip.text && before.speed === clip.speed && before.transition === clip.transition && before.muted === clip.muted
    const left = clip.at * sheet.scale - page.left
    // Only what is in the hand goes by a transform, which lays out no lane; hundreds of those would each be a layer's
    // worth of bookkeeping in every frame.
    if (moved && selected && this.#tracks.shown !== this.#tracks.cut && page === known.laid?.page) {
      node.style.transform = `translateX(${left - known.laid.left}px)`
      return
    }
    if (known.laid) node.style.transform = ""
    known.laid = { page, left }
    node.style.left = `${left}px`
    node.style.width = `${width}px`
    if (moved) return
    if (!same) label(known, track, clip, material, this.#tracks.fps, this.#tracks.dataset)
    stretch(known, track, clip, width, sheet.scale)
    if (track.kind === "video") this.#undressed.add(clip.id)
  }

  #dress(id) {
    this.#undressed.delete(id)
    const known = this.#nodes.get(id)
    dress(known, this.#tracks.pace(known.clip))
  }

  /** The gaps of a track, each the same object as long as its track is. */
  #gapsOf(track) {
    if (this.#tracks.looking) return []            // who looks at a cut fills no gap
    if (!this.#gaps.has(track)) this.#gaps.set(track, edit.gaps(track).map(({ from, to }) => ({ key: `${track.id}:${from}:${to}`, at: from, frames: to - from })))
    return this.#gaps.get(track)
  }

  #placeGap(track, gap) {
    const known = this.#known(gap.key, track, "gap", gap.at)
    if (!known.isOld) return
    Object.assign(known, { isOld: false })
    const { node, sheet, page } = known
    const seconds = decimal(gap.frames / this.#tracks.fps)
    node.dataset.at = gap.at
    node.dataset.track = track.id
    node.style.left = `${gap.at * sheet.scale - page.left}px`
    node.style.width = `${Math.max(2, gap.frames * sheet.scale - 1)}px`
    node.querySelector(".gap__length").textContent = `${seconds} s`
    node.setAttribute("aria-label", fill(this.#tracks.dataset.fill, { seconds }))
    node.toggleAttribute("data-slim", gap.frames * sheet.scale < 40)
  }
}
