import { ClipsInSight } from "lib/clips-in-sight"
import * as edit from "lib/cut"
import { TimeRuler } from "lib/time-ruler"
import { timecode } from "lib/timecode"
import { TrackLanding } from "lib/track-landing"
import { TrackPointer } from "lib/track-pointer"
import { LANE } from "lib/track-sizes"
import { TrackSounds } from "lib/track-sounds"

const ZOOM = { least: 0.02, most: 40, first: 4 }      // pixels a frame
const OVERSCAN = 900          // pixels drawn beyond what is seen, anew when half of them came into sight
const ZOOMED_MS = 120         // after the last zoom, before clips are drawn anew; until then they are stretched as one
const STRETCHED = 1.7         // but not by more than this

/**
 * The tracks of a cut, drawn and worked by pointer: only what is seen has elements. The film-timeline around it gives
 * the cut (`draw`), and hears what is done: "tracks:change" {cut, merge}, "tracks:select" {ids}, "tracks:seek" {frame},
 * "tracks:fill" {track, at}, "tracks:drop" {id}, "tracks:lay" {material, track, at, insert}.
 */
class CutTracks extends HTMLElement {
  selection = new Set()
  snapping = true
  rippling = false
  cut
  shown                       // the cut on the screen: while something is dragged, not yet the one that is kept
  material = {}
  scale = ZOOM.first
  lanes = new Map()           // track id → { lane, head, waves }
  #playhead = 0
  #marks = { in: null, out: null }
  #clips
  #ruler
  #sounds
  #frame
  #drawnLeft = 0
  #settling

  connectedCallback() {
    this.scroller = this.querySelector(".tracks__scroll")
    this.inner = this.querySelector(".tracks__inner")
    // Values of these stand on themselves: a custom property of what holds the clips would have each of them styled anew.
    this.#needle = this.querySelector(".tracks__playhead")
    this.#range = this.querySelector(".tracks__range")
    this.#ruler = new TimeRuler(this.querySelector(".tracks__ruler canvas"))
    this.#sounds = new TrackSounds(this)
    this.#clips = new ClipsInSight(this)
    const widen = this.querySelector(".tracks__widen")        // where there is no room for the buttons of the heads
    widen.addEventListener("click", () => widen.setAttribute("aria-expanded", String(this.toggleAttribute("data-heads"))))
    new TrackPointer(this)
    new TrackLanding(this)
    this.scroller.addEventListener("scroll", () => { if (Math.abs(this.scroller.scrollLeft - this.#drawnLeft) > OVERSCAN / 2) this.soon() }, { passive: true })
    this.scroller.addEventListener("wheel", (event) => this.#wheel(event), { passive: false })
    this.inner.addEventListener("focusin", (event) => this.#focused(event))
    new ResizeObserver(() => this.soon(true)).observe(this.scroller)
  }
  #needle
  #range

  /** Whether the cut is looked at and not changed. */
  get looking() { return this.closest("[looking]") !== null }
  get fps() { return this.shown.fps }

  /** How many frames of its source go by in one of the cut. */
  pace = (clip) => ((this.material[edit.sourceKey(clip)]?.fps || this.cut.fps) / this.cut.fps) * (clip.speed ?? 1)

  /** How long a clip could be at most, from where it begins in its source. */
  room = (clip) => {
    const material = this.material[edit.sourceKey(clip)]
    if (!clip.source || !material || material.state !== "ready" || material.shows === "picture") return Infinity
    const frames = material.shows === "sound" ? material.seconds * this.cut.fps : material.frames
    return Math.max(1, Math.ceil((frames - (clip.in_frame ?? 0)) / this.pace(clip) - 1e-6))
  }

  draw(cut, material) {
    this.cut = this.shown = cut
    if (material) this.material = material
    for (const id of this.selection) if (!edit.clipOf(cut, id)) this.selection.delete(id)
    this.#furnish()
    this.soon(Boolean(material))
  }

  /** Say what is chosen. */
  select(ids) {
    this.selection = new Set(ids)
    this.soon()
    this.say("select", { ids: [...this.selection] })
  }

  get playhead() { return this.#playhead }

  set playhead(frame) {
    this.#playhead = frame
    this.#needle.style.transform = `translateX(${frame * this.scale}px)`
  }

  set marks(marks) {
    this.#marks = marks
    const from = marks.in ?? 0, to = marks.out ?? (marks.in === null ? 0 : edit.lengthOf(this.cut))
    this.#range.style.transform = `translateX(${from * this.scale}px)`
    this.#range.style.inlineSize = `${Math.max(0, to - from) * this.scale}px`
    this.#range.hidden = marks.in === null && marks.out === null
  }

  /** Bring the playhead into sight. */
  follow() {
    const x = this.playhead * this.scale, { scrollLeft, clientWidth } = this.scroller
    const margin = Math.min(80, clientWidth / 4)
    if (x < scrollLeft + 4) this.scroller.scrollLeft = x - margin
    else if (x > scrollLeft + clientWidth - 24) this.scroller.scrollLeft = x - margin
  }

  /** Show more or less at once; what lies at `at` pixels from the left of what is seen stays where it is. */
  zoom(factor, at = this.playhead * this.scale - this.scroller.scrollLeft) {
    const scale = Math.min(ZOOM.most, Math.max(ZOOM.least, this.scale * factor))
    const inside = at >= 0 && at <= this.scroller.clientWidth ? at : this.scroller.clientWidth / 2
    const frame = (this.scroller.scrollLeft + inside) / this.scale
    this.scale = scale
    this.#measure()
    this.scroller.scrollLeft = frame * scale - inside
    clearTimeout(this.#settling)
    const stretched = scale / this.#clips.scale
    if (stretched > STRETCHED || stretched < 1 / STRETCHED) return this.soon(true)
    this.#settling = setTimeout(() => this.soon(true), ZOOMED_MS)
    this.soon()
  }

  /** Show the whole film. */
  fit() {
    const frames = Math.max(edit.lengthOf(this.cut), this.cut.fps)
    this.scale = Math.min(ZOOM.most, Math.max(ZOOM.least, (this.scroller.clientWidth - 48) / frames))
    this.#measure()
    this.scroller.scrollLeft = 0
    this.soon(true)
  }

  focusClip(id) { this.#clips.nodeOf(id)?.focus({ preventScroll: true }) }

  // Drawing

  /** Draw at the next frame of the screen; `anew` also what did not change. */
  soon(anew = false) {
    this.#anew ||= anew
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      this.#render(this.#anew)
      this.#anew = false
    })
  }
  #anew = false

  /** A lane and a head for every track. */
  #furnish() {
    const ids = this.shown.tracks.map(({ id }) => id).join()
    if (ids !== this.#furnished) {
      this.#furnished = ids
      const holder = this.querySelector(".tracks__lanes"), heads = this.querySelector(".tracks__heads")
      this.lanes.clear()
      heads.querySelectorAll(".track-head").forEach((head) => head.remove())
      holder.replaceChildren()
      for (const track of this.inOrder()) {
        const head = this.template("track-head")
        head.dataset.kind = track.kind
        head.dataset.track = track.id
        for (const button of head.querySelectorAll("button")) button.addEventListener("click", () => this.#toggle(track.id, button.dataset.does))
        heads.append(head)
        const lane = Object.assign(document.createElement("div"), { className: "track" })
        lane.dataset.track = track.id
        lane.dataset.kind = track.kind
        lane.style.blockSize = `${LANE[track.kind]}px`
        holder.append(lane)
        const waves = track.kind === "audio" ? Object.assign(document.createElement("canvas"), { className: "track__waves" }) : null
        if (waves) lane.append(waves)
        this.lanes.set(track.id, { lane, head, waves })
      }
      this.#sounds.anew()
      this.#clips.clear()
    }
    for (const track of this.shown.tracks) {
      const { lane, head } = this.lanes.get(track.id)
      head.style.blockSize = `${LANE[track.kind]}px`
      head.querySelector(".track-head__name").textContent = track.name || track.id
      for (const [name, on] of [["mute", track.muted], ["lock", track.locked]]) head.querySelector(`[data-does=${name}]`).setAttribute("aria-pressed", String(Boolean(on)))
      lane.toggleAttribute("data-locked", Boolean(track.locked))
      lane.toggleAttribute("data-muted", Boolean(track.muted))
      head.querySelector("[data-does=drop]").disabled = Boolean(track.locked) || edit.isLastOfItsKind(this.shown, track)
    }
    this.#measure()
  }
  #furnished

  /** Tracks from top to bottom: the video that hides the others first, words beneath the sounds. */
  inOrder() {
    const of = (...kinds) => this.shown.tracks.filter(({ kind }) => kinds.includes(kind))
    return [...of("video").reverse(), ...of("audio"), ...of("title", "caption")]
  }

  #measure() {
    const frames = edit.lengthOf(this.shown)
    // So far that the film's end can lie at the left: wherever on it is zoomed, that stays under the pointer.
    const wide = frames * this.scale + this.scroller.clientWidth
    this.inner.style.inlineSize = `${Math.round(wide)}px`
    this.playhead = this.#playhead
    this.marks = this.#marks
  }

  #render(anew) {
    if (!this.shown) return
    const left = this.scroller.scrollLeft, wide = this.scroller.clientWidth
    this.#drawnLeft = left
    const edge = Math.max(0, left - OVERSCAN), most = wide + 2 * OVERSCAN
    let busy = this.#ruler.draw(edge, most, this.scale, this.fps)
    for (const track of this.shown.tracks) if (track.kind === "audio") busy = this.#sounds.draw(this.lanes.get(track.id).waves, track, edge, most) || busy
    this.#mark()
    if (anew) this.#clips.renew()
    this.#clips.draw(busy, (left - OVERSCAN) / this.scale, (left + wide + OVERSCAN) / this.scale, (left + wide / 2) / this.scale)
  }

  #mark() {
    const holder = this.querySelector(".tracks__markers")
    if (holder.cut === this.shown.markers && holder.scale === this.scale) return
    Object.assign(holder, { cut: this.shown.markers, scale: this.scale })
    holder.replaceChildren(...this.shown.markers.map((marker) => {
      const node = this.template("marker")
      node.dataset.marker = marker.id
      node.style.transform = `translateX(${marker.at * this.scale}px)`
      node.title = marker.name || timecode(marker.at / this.fps, this.fps)
      node.querySelector(".visually-hidden").textContent = node.title
      return node
    }))
  }

  // Working

  #focused({ target }) {
    const node = target.closest?.(".clip")
    if (!node || !target.matches(":focus-visible")) return
    const clip = edit.clipOf(this.cut, node.dataset.clip)
    const x = clip.at * this.scale
    if (x < this.scroller.scrollLeft || x > this.scroller.scrollLeft + this.scroller.clientWidth - 40) this.scroller.scrollLeft = x - 60
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) {
      if (event.shiftKey || Math.abs(event.deltaX) >= Math.abs(event.deltaY) || this.scroller.scrollHeight > this.scroller.clientHeight) return
      this.scroller.scrollLeft += event.deltaY      // a wheel that only goes up and down goes along the film
      return event.preventDefault()
    }
    event.preventDefault()
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0022)), event.clientX - this.scroller.getBoundingClientRect().left)
  }

  #toggle(id, does) {
    if (does === "drop") return this.say("drop", { id })
    const track = this.cut.tracks.find((one) => one.id === id)
    const changes = does === "mute" ? { muted: !track.muted } : { locked: !track.locked }
    this.say("change", { cut: edit.changeTrack(this.cut, id, changes) })
  }

  frameAt({ clientX }) { return Math.max(0, Math.round((clientX - this.inner.getBoundingClientRect().left) / this.scale)) }

  template(name) { return this.querySelector(`template[data-part=${name}]`).content.firstElementChild.cloneNode(true) }

  say(name, detail) { this.dispatchEvent(new CustomEvent(`tracks:${name}`, { detail, bubbles: true })) }
}
customElements.define("cut-tracks", CutTracks)
