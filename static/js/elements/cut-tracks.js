import * as edit from "lib/cut"
import { spriteStyle } from "lib/sprite"
import { timecode } from "lib/timecode"
import { drawWaveform, waveformOf } from "lib/waveform"
import { decimal, fill } from "lib/words"

const ZOOM = { least: 0.02, most: 40, first: 4 }      // pixels a frame
const EDGE = 8                // pixels of a clip's ends that trim it
const REACH = 9               // pixels within which it snaps
const SLACK = 3               // pixels before a press becomes a drag
const SLIM = 26               // pixels; below this a clip shows one still and no words
const LETTER = 6.6, NAME_EDGE = 14     // pixels of a letter of a clip's name, and around it
const OVERSCAN = 900          // pixels drawn beyond what is seen, anew when half of them came into sight
const LANE = { video: 72, audio: 52, title: 38, caption: 38 }
const SOUND_EDGE = 4, ROUND = 7        // pixels above and below a sound in its lane; of its corners
const DRAWING_MS = 1          // of a frame, for clips that come into sight, with their stills; the browser needs
                              // as long to lay them out and paint them; what is left waits for the next
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
  #cut
  #shown                      // the cut on the screen: while something is dragged, not yet the one that is kept
  #material = {}
  #scale = ZOOM.first
  #playhead = 0
  #marks = { in: null, out: null }
  #nodes = new Map()          // clip id, or place of a gap → { node, sheet, isOld, clip, … }
  #lanes = new Map()
  // What was drawn at one scale, a layer for every lane: after a zoom clips go over to a new sheet, a few in every frame,
  // and those that wait are stretched with theirs.
  #sheet
  #sheets = new Set()
  #drag
  #frame
  #undressed = new Set()      // ids of clips whose stills are still to be drawn
  #drawnLeft = 0
  #settling

  connectedCallback() {
    this.scroller = this.querySelector(".tracks__scroll")
    this.ruler = this.querySelector(".tracks__ruler")
    this.inner = this.querySelector(".tracks__inner")
    this.lanes = this.querySelector(".tracks__lanes")
    // Values of these stand on themselves: a custom property of what holds the clips would have each of them styled anew.
    this.needle = this.querySelector(".tracks__playhead")
    this.range = this.querySelector(".tracks__range")
    this.scroller.addEventListener("scroll", () => { if (Math.abs(this.scroller.scrollLeft - this.#drawnLeft) > OVERSCAN / 2) this.#soon() }, { passive: true })
    this.scroller.addEventListener("wheel", (event) => this.#wheel(event), { passive: false })
    this.inner.addEventListener("pointerdown", (event) => this.#press(event))
    this.inner.addEventListener("pointermove", (event) => this.#hover(event))
    this.inner.addEventListener("click", (event) => this.#click(event))
    this.inner.addEventListener("focusin", (event) => this.#focused(event))
    this.addEventListener("dragover", (event) => this.#dragOver(event))
    this.addEventListener("dragleave", () => this.#ghost())
    this.addEventListener("drop", (event) => this.#drop(event))
    new ResizeObserver(() => this.#soon(true)).observe(this.scroller)
  }

  get fps() { return this.#shown.fps }
  get scale() { return this.#scale }

  /** How many frames of its source go by in one of the cut. */
  pace = (clip) => ((this.#material[edit.sourceKey(clip)]?.fps || this.#cut.fps) / this.#cut.fps) * (clip.speed ?? 1)

  /** How long a clip could be at most, from where it begins in its source. */
  room = (clip) => {
    const material = this.#material[edit.sourceKey(clip)]
    if (!clip.source || !material || material.state !== "ready" || material.shows === "picture") return Infinity
    const frames = material.shows === "sound" ? material.seconds * this.#cut.fps : material.frames
    return Math.max(1, Math.ceil((frames - (clip.in_frame ?? 0)) / this.pace(clip) - 1e-6))
  }

  draw(cut, material) {
    this.#cut = this.#shown = cut
    if (material) this.#material = material
    for (const id of this.selection) if (!edit.clipOf(cut, id)) this.selection.delete(id)
    this.#furnish()
    this.#soon(Boolean(material))
  }

  /** Say what is chosen. */
  select(ids) {
    this.selection = new Set(ids)
    this.#soon()
    this.#say("select", { ids: [...this.selection] })
  }

  set playhead(frame) {
    this.#playhead = frame
    this.needle.style.transform = `translateX(${frame * this.#scale}px)`
  }

  set marks(marks) {
    this.#marks = marks
    const from = marks.in ?? 0, to = marks.out ?? (marks.in === null ? 0 : edit.lengthOf(this.#cut))
    this.range.style.transform = `translateX(${from * this.#scale}px)`
    this.range.style.inlineSize = `${Math.max(0, to - from) * this.#scale}px`
    this.range.hidden = marks.in === null && marks.out === null
  }

  /** Bring the playhead into sight. */
  follow() {
    const x = this.#playhead * this.#scale, { scrollLeft, clientWidth } = this.scroller
    const margin = Math.min(80, clientWidth / 4)
    if (x < scrollLeft + 4) this.scroller.scrollLeft = x - margin
    else if (x > scrollLeft + clientWidth - 24) this.scroller.scrollLeft = x - margin
  }

  /** Show more or less at once; what lies at `at` pixels from the left of what is seen stays where it is. */
  zoom(factor, at = this.#playhead * this.#scale - this.scroller.scrollLeft) {
    const scale = Math.min(ZOOM.most, Math.max(ZOOM.least, this.#scale * factor))
    const inside = at >= 0 && at <= this.scroller.clientWidth ? at : this.scroller.clientWidth / 2
    const frame = (this.scroller.scrollLeft + inside) / this.#scale
    this.#scale = scale
    this.#measure()
    this.scroller.scrollLeft = frame * scale - inside
    clearTimeout(this.#settling)
    const stretched = scale / this.#sheet.scale
    if (stretched > STRETCHED || stretched < 1 / STRETCHED) return this.#soon(true)
    this.#settling = setTimeout(() => this.#soon(true), ZOOMED_MS)
    this.#soon()
  }

  /** Show the whole film. */
  fit() {
    const frames = Math.max(edit.lengthOf(this.#cut), this.#cut.fps)
    this.#scale = Math.min(ZOOM.most, Math.max(ZOOM.least, (this.scroller.clientWidth - 48) / frames))
    this.#measure()
    this.scroller.scrollLeft = 0
    this.#soon(true)
  }

  focusClip(id) { this.#nodes.get(id)?.node.focus({ preventScroll: true }) }

  // Drawing

  #soon(anew = false) {
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
    const ids = this.#shown.tracks.map(({ id }) => id).join()
    if (ids !== this.#furnished) {
      this.#furnished = ids
      const { lanes } = this, heads = this.querySelector(".tracks__heads")
      this.#nodes.clear()
      this.#undressed.clear()
      this.#sheets.clear()
      this.#lanes.clear()
      heads.querySelectorAll(".track-head").forEach((head) => head.remove())
      lanes.replaceChildren()
      for (const track of this.#inSight()) {
        const head = this.#template("track-head")
        head.dataset.kind = track.kind
        head.dataset.track = track.id
        for (const button of head.querySelectorAll("button")) button.addEventListener("click", () => this.#toggle(track.id, button.dataset.does))
        heads.append(head)
        const lane = Object.assign(document.createElement("div"), { className: "track" })
        lane.dataset.track = track.id
        lane.dataset.kind = track.kind
        lane.style.blockSize = `${LANE[track.kind]}px`
        lanes.append(lane)
        const waves = track.kind === "audio" ? Object.assign(document.createElement("canvas"), { className: "track__waves" }) : null
        if (waves) lane.append(waves)
        this.#lanes.set(track.id, { lane, head, waves })
      }
      this.#waveStyle = null          // of a canvas that is gone
      this.#layOut()
    }
    for (const track of this.#shown.tracks) {
      const { lane, head } = this.#lanes.get(track.id)
      head.style.blockSize = `${LANE[track.kind]}px`
      head.querySelector(".track-head__name").textContent = track.name || track.id
      for (const [name, on] of [["mute", track.muted], ["lock", track.locked]]) head.querySelector(`[data-does=${name}]`).setAttribute("aria-pressed", String(Boolean(on)))
      lane.toggleAttribute("data-locked", Boolean(track.locked))
      lane.toggleAttribute("data-muted", Boolean(track.muted))
      head.querySelector("[data-does=drop]").disabled = Boolean(track.locked) || edit.isLastOfItsKind(this.#shown, track)
    }
    this.#measure()
  }
  #furnished

  /** Tracks from top to bottom: the video that hides the others first, words beneath the sounds. */
  #inSight() {
    const of = (...kinds) => this.#shown.tracks.filter(({ kind }) => kinds.includes(kind))
    return [...of("video").reverse(), ...of("audio"), ...of("title", "caption")]
  }

  #measure() {
    const frames = edit.lengthOf(this.#shown)
    // So far that the film's end can lie at the left: wherever on it is zoomed, that stays under the pointer.
    const wide = frames * this.#scale + this.scroller.clientWidth
    this.inner.style.inlineSize = `${Math.round(wide)}px`
    this.playhead = this.#playhead
    this.marks = this.#marks
  }

  /** A new sheet, for clips drawn at the scale of now. */
  #layOut() {
    const layers = new Map()
    for (const [id, { lane }] of this.#lanes) {
      const layer = Object.assign(document.createElement("div"), { className: "track__sheet" })
      layers.set(id, layer)
      lane.append(layer)
    }
    this.#sheet = { scale: this.#scale, layers, stretched: 1 }
    this.#sheets.add(this.#sheet)
  }

  /** Show every sheet at the scale of now, and drop those that nothing is left of. */
  #stretchSheets() {
    for (const sheet of this.#sheets) {
      const layers = [...sheet.layers.values()]
      if (sheet !== this.#sheet && !layers.some((layer) => layer.firstChild)) {
        for (const layer of layers) layer.remove()
        this.#sheets.delete(sheet)
        continue
      }
      const stretched = this.#scale / sheet.scale
      if (stretched !== sheet.stretched) for (const layer of layers) layer.style.transform = stretched === 1 ? "" : `scaleX(${stretched})`
      sheet.stretched = stretched
    }
  }

  #render(anew) {
    if (!this.#shown) return
    const left = this.scroller.scrollLeft, wide = this.scroller.clientWidth
    this.#drawnLeft = left
    const edge = Math.max(0, left - OVERSCAN)
    let busy = this.#rule(edge, wide + 2 * OVERSCAN)
    for (const track of this.#shown.tracks) if (track.kind === "audio") busy = this.#sound(track, edge, wide + 2 * OVERSCAN) || busy
    this.#mark()
    if (anew) {
      if (this.#sheet.scale !== this.#scale) this.#layOut()
      for (const known of this.#nodes.values()) known.isOld = true
    }
    const from = (left - OVERSCAN) / this.#scale, to = (left + wide + OVERSCAN) / this.#scale
    const zooming = this.#sheet.scale !== this.#scale         // what is there is stretched until that has ended
    const seen = new Set(), coming = []
    const show = (key, track, clip, place) => {
      const known = this.#nodes.get(key)
      seen.add(key)
      if (known && (!known.isOld || known.clip !== clip)) place()
      else if (!known || !zooming) coming.push({ track, clip, place, away: Math.max(clip.at - middle, middle - edit.end(clip)) })
    }
    const middle = (left + wide / 2) / this.#scale
    for (const track of this.#shown.tracks) {
      for (const clip of edit.between(track, from, to)) show(clip.id, track, clip, () => this.#place(track, clip))
      if (track.kind !== "video") continue
      for (const gap of this.#gapsOf(track)) if (gap.at < to && edit.end(gap) > from) show(gap.key, track, gap, () => this.#placeGap(track, gap))
    }
    this.#draw(busy, coming.sort((one, other) => one.away - other.away), seen)
    this.#stretchSheets()
  }

  /**
   * Give what comes into sight elements, the nearest first, and dress them, as long as the frame has time for it: one
   * that had to draw the ruler or sounds has no more than for the first.
   */
  #draw(busy, coming, seen) {
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
    if (late()) this.#soon()
  }

  /** The element of a clip or gap, made of its template where there is none, and on the newest sheet if it is old. */
  #known(key, track, part) {
    let known = this.#nodes.get(key)
    if (!known) this.#nodes.set(key, (known = { node: this.#template(part), isOld: true }))
    const { node } = known
    const sheet = known.isOld ? this.#sheet : known.sheet
    const layer = sheet.layers.get(track.id)
    if (node.parentNode !== layer) {
      const focused = node === document.activeElement
      layer.append(node)
      if (focused) node.focus({ preventScroll: true })
    }
    known.sheet = sheet
    return known
  }

  #place(track, clip) {
    const known = this.#known(clip.id, track, "clip")
    const { node, sheet, isOld } = known
    const selected = this.selection.has(clip.id)
    if (known.selected !== selected) {
      known.selected = selected
      node.setAttribute("aria-pressed", String(selected))
    }
    const material = this.#material[edit.sourceKey(clip)]
    if (known.clip === clip && known.material === material && !isOld) return
    const before = known.clip
    const width = Math.max(2, clip.frames * sheet.scale - 1)
    const same = before === clip && known.material === material       // and only the scale is another
    Object.assign(known, { clip, material, width, isOld: false })
    if (!before) {
      node.dataset.clip = clip.id
      known.said = [...node.querySelectorAll(".clip__name, .clip__note")]
    }
    // Not by a transform: hundreds of those would each be a layer's worth of bookkeeping in every frame.
    node.style.left = `${clip.at * sheet.scale}px`
    node.style.width = `${width}px`
    const moved = !isOld && before && before.frames === clip.frames && before.in_frame === clip.in_frame && before.source === clip.source && before.text === clip.text && before.speed === clip.speed && before.transition === clip.transition && before.muted === clip.muted
    if (moved) return
    if (!same) this.#label(known, track, clip, material)
    this.#stretch(known, clip, width, sheet.scale)
    if (track.kind === "video") this.#undressed.add(clip.id)
  }

  #dress(id) {
    this.#undressed.delete(id)
    const { node, clip, material, width, sheet } = this.#nodes.get(id)
    this.#pictures(node, clip, material, width, sheet.scale)
  }

  /** What of its looks depends on how long it is on the screen. */
  #stretch({ node, said: [said, note] }, clip, width, scale) {
    const isSlim = width < SLIM
    node.toggleAttribute("data-slim", isSlim)
    // What is not to be seen is not there: each of hundreds would have to be styled.
    if (isSlim) said.remove(), note.remove()
    else {
      const letters = Math.floor((width - 2 * NAME_EDGE) / LETTER)
      const name = node.title.length > letters ? `${node.title.slice(0, Math.max(1, letters - 1)).trimEnd()}…` : node.title
      if (said.textContent !== name) said.textContent = name
      if (said.parentNode !== node) node.append(said)
      if (!note.textContent) note.remove()
      else if (note.parentNode !== node) node.append(note)
    }
    const fading = Math.max(clip.fade_out ?? 0, clip.fade_to_black ?? 0)
    node.toggleAttribute("data-fades", fading > 0)
    if (clip.transition) node.style.setProperty("--transition", `${clip.transition.frames * scale}px`)
    if (fading) node.style.setProperty("--fade-out", `${fading * scale}px`)
  }

  #label({ node, said: [, note] }, track, clip, material) {
    const words = this.#words
    node.dataset.kind = track.kind
    node.dataset.state = material?.state ?? (clip.source ? "none" : "ready")
    node.toggleAttribute("data-muted", Boolean(clip.muted))
    const name = clip.source ? [material?.mark, material?.name].filter(Boolean).join(" ") || words.gone : clip.text || words.empty
    node.setAttribute("aria-label", fill(words.clip, { name, from: timecode(clip.at / this.fps, this.fps), length: timecode(clip.frames / this.fps, this.fps) }))
    node.title = name
    const notes = []
    if (material?.rewritten) notes.push(words.rewritten)
    else if (material?.stale) notes.push(words.stale)
    if (material?.state === "running") notes.push(words.running)
    if (clip.source && (!material || material.state === "none")) notes.push(words.none)
    if ((clip.speed ?? 1) !== 1) notes.push(`${Math.round(clip.speed * 100)} %`)
    note.textContent = notes.join(" · ")
    node.toggleAttribute("data-transition", Boolean(clip.transition))
  }

  /** Stills of the clip along its length, out of its sprite; one alone is drawn on the strip itself. */
  #pictures(node, clip, material, width, scale) {
    const strip = node.querySelector(".clip__strip")
    const sprite = material?.sprite && material.count
    const tall = LANE.video - 8, wide = Math.max(24, tall * (material?.ratio || 16 / 9))
    const cells = sprite || material?.poster ? Math.min(160, Math.max(1, Math.ceil(width / wide))) : 0
    const apart = cells > 1 ? cells : 0
    while (strip.childElementCount > apart) strip.lastElementChild.remove()
    while (strip.childElementCount < apart) strip.append(document.createElement("i"))
    if (cells !== 1 && strip.style.backgroundImage) strip.style.backgroundImage = ""
    for (const [n, cell] of (cells === 1 ? [strip] : [...strip.children]).entries()) {
      // The last one ends with the clip: what has nothing to cut off is drawn far quicker.
      if (apart) cell.style.inlineSize = n === cells - 1 ? `${width - n * wide}px` : `${wide}px`
      const image = sprite ? `url("${material.sprite}")` : `url("${material.poster}")`
      if (cell.style.backgroundImage !== image) cell.style.backgroundImage = image
      if (!sprite) { cell.style.backgroundSize = `${wide}px ${tall}px`; continue }
      const source = (clip.in_frame ?? 0) + ((n * wide) / scale) * this.pace(clip)
      const index = Math.min(material.count - 1, Math.max(0, Math.round((source / Math.max(1, material.frames - 1)) * (material.count - 1))))
      const { size, position } = spriteStyle(index, material.columns, material.count)
      const [across, down] = size.split(" ").map((part) => parseFloat(part) / 100), [x, y] = position.split(" ").map((part) => parseFloat(part) / 100)
      cell.style.backgroundSize = `${across * wide}px ${down * tall}px`
      cell.style.backgroundPosition = `${-x * (across - 1) * wide}px ${-y * (down - 1) * tall}px`
    }
  }

  /**
   * The sounds of a track from `left` on, on one canvas beneath its clips: one for each would cost a layer each. True if
   * there was something to draw.
   */
  #sound(track, left, wide) {
    const { waves } = this.#lanes.get(track.id)
    const now = [track, left, wide, this.#scale, this.#material, this.#heard]
    if (waves.drawn?.every((one, n) => one === now[n])) return false
    waves.drawn = now
    const height = LANE.audio - 2 * SOUND_EDGE - 1
    const context = blank(waves, left, wide, height)
    const style = (this.#waveStyle ??= getComputedStyle(waves)), ground = style.getPropertyValue("--ground")
    for (const clip of edit.between(track, left / this.#scale, (left + wide) / this.#scale)) {
      const material = this.#material[edit.sourceKey(clip)]
      if (material?.state !== "ready") continue
      const x = clip.at * this.#scale - left, width = Math.max(2, clip.frames * this.#scale - 1)
      context.globalAlpha = clip.muted ? 0.5 : 1
      context.fillStyle = ground
      context.beginPath()
      context.roundRect(x, 0, width, height, width < SLIM ? 0 : ROUND)
      context.fill()
      const wave = material.has_sound && this.#waveOf(material)
      if (!wave) continue
      const from = (clip.in_frame ?? 0) / (material.shows === "clip" ? material.fps : this.fps)
      context.fillStyle = style.color
      drawWaveform(context, wave, from, from + (clip.frames / this.fps) * (clip.speed ?? 1), { x, width, height, most: wide })
    }
    return true
  }
  #waveStyle

  /** What is known of how loud a sound is; null until it came. */
  #waveOf(material) {
    if (!this.#waves.has(material)) {
      this.#waves.set(material, null)
      waveformOf(material).then((wave) => {
        this.#waves.set(material, wave)
        this.#heard++
        this.#soon()
      })
    }
    return this.#waves.get(material)
  }
  #waves = new WeakMap()
  #heard = 0

  /** The gaps of a track, each the same object as long as its track is. */
  #gapsOf(track) {
    if (!this.#gaps.has(track)) this.#gaps.set(track, edit.gaps(track).map(({ from, to }) => ({ key: `${track.id}:${from}:${to}`, at: from, frames: to - from })))
    return this.#gaps.get(track)
  }
  #gaps = new WeakMap()

  #placeGap(track, gap) {
    const known = this.#known(gap.key, track, "gap")
    if (!known.isOld) return
    Object.assign(known, { isOld: false })
    const { node, sheet } = known
    const seconds = decimal(gap.frames / this.fps)
    node.dataset.at = gap.at
    node.dataset.track = track.id
    node.style.left = `${gap.at * sheet.scale}px`
    node.style.width = `${Math.max(2, gap.frames * sheet.scale - 1)}px`
    node.querySelector(".gap__length").textContent = `${seconds} s`
    node.setAttribute("aria-label", fill(this.#words.fill, { seconds }))
    node.toggleAttribute("data-slim", gap.frames * sheet.scale < 40)
  }

  /** The ruler from `left` on. True if there was something to draw. */
  #rule(left, wide) {
    const canvas = this.ruler.querySelector("canvas")
    const tall = (this.#tall ??= this.ruler.clientHeight)
    const now = [left, wide, this.#scale, this.fps]
    if (canvas.drawn?.every((one, n) => one === now[n])) return false
    canvas.drawn = now
    const context = blank(canvas, left, wide, tall)
    const { color, fontFamily } = (this.#rulerStyle ??= getComputedStyle(canvas))
    context.fillStyle = color
    context.font = `11px ${fontFamily}`
    const fps = this.fps
    const steps = [1, 2, 5, 10, fps, 2 * fps, 5 * fps, 10 * fps, 30 * fps, 60 * fps, 300 * fps, 600 * fps, 1800 * fps]
    const step = steps.find((one) => one * this.#scale >= 84) ?? 3600 * fps
    const small = step > fps ? step / 5 : Math.max(1, Math.round(step / 5))
    for (let frame = Math.floor(left / this.#scale / step) * step; frame * this.#scale < left + wide; frame += step) {
      const x = frame * this.#scale - left
      context.globalAlpha = 1
      context.fillText(timecode(frame / fps, fps), x + 5, 13)
      context.globalAlpha = 0.5
      context.fillRect(Math.round(x), 0, 1, tall)
      for (let n = small; n < step; n += small) context.fillRect(Math.round(x + n * this.#scale), tall - 6, 1, 6)
    }
    context.globalAlpha = 1
    return true
  }
  #rulerStyle
  #tall

  #mark() {
    const holder = this.querySelector(".tracks__markers")
    if (holder.cut === this.#shown.markers && holder.scale === this.#scale) return
    Object.assign(holder, { cut: this.#shown.markers, scale: this.#scale })
    holder.replaceChildren(...this.#shown.markers.map((marker) => {
      const node = this.#template("marker")
      node.dataset.marker = marker.id
      node.style.transform = `translateX(${marker.at * this.#scale}px)`
      node.title = marker.name || timecode(marker.at / this.fps, this.fps)
      node.querySelector(".visually-hidden").textContent = node.title
      return node
    }))
  }

  // Working

  #press(event) {
    if (event.button !== 0) return
    if (event.target.closest(".gap, .marker")) return
    const node = event.target.closest(".clip")
    if (!node) return event.target.closest(".tracks__ruler") ? this.#scrub(event) : this.#lasso(event)
    const id = node.dataset.clip, track = edit.trackOf(this.#cut, id)
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      const ids = new Set(this.selection)
      ids.has(id) ? ids.delete(id) : ids.add(id)
      return this.select(ids)
    }
    const touched = event.pointerType === "touch" && !this.selection.has(id)
    if (!this.selection.has(id)) this.select([id])
    if (touched || track.locked) return            // the first touch chooses, so that a finger can scroll
    const { left, right } = node.getBoundingClientRect()
    const slim = right - left < 3 * EDGE
    const near = slim ? 3 : EDGE
    const does = event.clientX - left <= near ? "start" : right - event.clientX <= near ? "end" : event.altKey ? "slip" : "move"
    this.#begin(event, { does, id, ids: does === "move" ? [...this.selection] : [id] })
  }

  #begin(event, drag) {
    event.preventDefault()
    this.inner.setPointerCapture(event.pointerId)
    const clips = drag.ids.map((id) => edit.clipOf(this.#cut, id))
    const edges = { start: clips.slice(0, 1).map(({ at }) => at), end: clips.slice(0, 1).map(edit.end), move: clips.flatMap((clip) => [clip.at, edit.end(clip)]), slip: [] }[drag.does]
    this.#drag = { ...drag, edges, x: event.clientX, scroll: this.scroller.scrollLeft, clientX: event.clientX, clientY: event.clientY, points: edit.snapPoints(this.#cut, { without: drag.ids, playhead: Math.floor(this.#playhead) }) }
    const move = (moved) => this.#dragged(moved)
    const done = (ended) => {
      this.inner.removeEventListener("pointermove", move)
      this.inner.removeEventListener("pointerup", done)
      this.inner.removeEventListener("pointercancel", done)
      removeEventListener("keydown", escape, true)
      this.#dropped(ended.type === "pointerup")
    }
    const escape = (key) => {
      if (key.key !== "Escape") return
      key.stopPropagation()
      done({ type: "cancelled" })
    }
    this.inner.addEventListener("pointermove", move)
    this.inner.addEventListener("pointerup", done)
    this.inner.addEventListener("pointercancel", done)
    addEventListener("keydown", escape, true)
    this.focusClip(drag.id)
  }

  #dragged({ clientX, clientY, altKey }) {
    const drag = this.#drag
    if (!drag) return
    Object.assign(drag, { clientX, clientY, altKey })
    const pixels = clientX - drag.x + this.scroller.scrollLeft - drag.scroll
    if (!drag.moving && Math.abs(pixels) < SLACK && Math.abs(clientY - drag.clientY) < SLACK) return
    drag.moving = true
    let by = Math.round(pixels / this.#scale)
    const caught = this.snapping && drag.does !== "slip" ? edit.snap(drag.edges.map((edge) => edge + by), drag.points, REACH / this.#scale) : null
    if (caught !== null && drag.does !== "slip") by += caught
    const rules = { pace: this.pace, room: this.room, ripple: this.rippling }
    const lane = document.elementFromPoint(clientX, clientY)?.closest?.(".track")
    const shown = {
      move: () => edit.move(this.#cut, drag.ids, by, { to: drag.ids.length === 1 ? lane?.dataset.track : null, pace: this.pace }),
      start: () => edit.trim(this.#cut, drag.id, "start", by, rules),
      end: () => edit.trim(this.#cut, drag.id, "end", by, rules),
      slip: () => edit.slip(this.#cut, drag.id, -by, rules),
    }[drag.does]()
    this.#shown = shown
    this.inner.dataset.does = drag.does
    this.#say("preview", { cut: shown, id: drag.id, does: drag.does })
    this.#soon()
  }

  #dropped(kept) {
    const drag = this.#drag
    this.#drag = null
    delete this.inner.dataset.does
    const cut = this.#shown
    this.#shown = this.#cut
    if (drag?.moving && kept) this.#say("change", { cut })
    else if (drag?.moving) this.#soon()
    else if (kept && this.selection.size > 1) this.select([drag.id])
    this.#say("preview", { cut: null })
  }

  /** Drag over nothing: choose all that it touches. */
  #lasso(event) {
    const lane = event.target.closest(".track")
    if (event.pointerType === "touch") return
    const begun = { x: event.clientX, y: event.clientY, frame: this.#frameAt(event) }
    let dragged = false
    const box = this.querySelector(".tracks__lasso")
    const move = ({ clientX, clientY }) => {
      if (!dragged && Math.hypot(clientX - begun.x, clientY - begun.y) < SLACK) return
      dragged = true
      const around = this.inner.getBoundingClientRect()
      const [left, right] = [Math.min(begun.x, clientX), Math.max(begun.x, clientX)], [top, bottom] = [Math.min(begun.y, clientY), Math.max(begun.y, clientY)]
      Object.assign(box.style, { transform: `translate(${left - around.left}px, ${top - around.top}px)`, inlineSize: `${right - left}px`, blockSize: `${bottom - top}px` })
      box.hidden = false
      const ids = []
      for (const [id, { lane }] of this.#lanes) {
        const edges = lane.getBoundingClientRect()
        if (edges.bottom < top || edges.top > bottom) continue
        const track = this.#cut.tracks.find((one) => one.id === id)
        ids.push(...edit.between(track, (left - around.left) / this.#scale, (right - around.left) / this.#scale).map((clip) => clip.id))
      }
      this.select(ids)
    }
    const done = () => {
      removeEventListener("pointermove", move)
      removeEventListener("pointerup", done)
      box.hidden = true
      if (dragged) return
      this.select([])
      if (lane) this.#say("seek", { frame: begun.frame })
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", done)
  }

  /** Drag along the ruler: the playhead goes along. */
  #scrub(event) {
    event.preventDefault()
    this.inner.setPointerCapture(event.pointerId)
    const go = (moved) => this.#say("seek", { frame: this.#frameAt(moved) })
    const done = () => {
      this.inner.removeEventListener("pointermove", go)
      this.inner.removeEventListener("pointerup", done)
      this.inner.removeEventListener("pointercancel", done)
    }
    go(event)
    this.inner.addEventListener("pointermove", go)
    this.inner.addEventListener("pointerup", done)
    this.inner.addEventListener("pointercancel", done)
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
    if (gap) return this.#say("fill", { track: gap.dataset.track, at: Number(gap.dataset.at) })
    const marker = event.target.closest(".marker")
    if (marker) {
      const { at } = this.#cut.markers.find(({ id }) => id === marker.dataset.marker)
      return this.#say("seek", { frame: at, marker: marker.dataset.marker })
    }
    const clip = event.target.closest(".clip")
    // Pressed by the keyboard: there was no pointer that chose it.
    if (clip && event.detail === 0) this.select([clip.dataset.clip])
  }

  #focused({ target }) {
    const node = target.closest?.(".clip")
    if (!node || !target.matches(":focus-visible")) return
    const clip = edit.clipOf(this.#cut, node.dataset.clip)
    const x = clip.at * this.#scale
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

  // What is dragged here from the takes and files

  #dragOver(event) {
    const dragged = this.dragged
    if (!dragged) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
    this.#ghost(this.#landing(event, dragged))
  }

  #drop(event) {
    const dragged = this.dragged
    this.#ghost()
    if (!dragged) return
    event.preventDefault()
    const { track, at } = this.#landing(event, dragged)
    this.#say("lay", { material: dragged, track, at, insert: event.ctrlKey || event.metaKey })
  }

  #landing(event, { kinds, frames }) {
    const under = event.target.closest?.(".track")
    const fits = (id) => { const track = this.#cut.tracks.find((one) => one.id === id); return track && kinds.includes(track.kind) && !track.locked }
    const track = under && fits(under.dataset.track) ? under.dataset.track : this.#inSight().find(({ id }) => fits(id))?.id
    let at = this.#frameAt(event)
    if (this.snapping) at += edit.snap([at, at + frames], edit.snapPoints(this.#cut, { playhead: Math.floor(this.#playhead) }), REACH / this.#scale)
    return { track, at: Math.max(0, at), frames }
  }

  #ghost(landing) {
    const ghost = this.querySelector(".tracks__ghost")
    const lane = landing && this.#lanes.get(landing.track)?.lane
    ghost.hidden = !lane
    if (!lane) return
    lane.append(ghost)
    ghost.style.transform = `translateX(${landing.at * this.#scale}px)`
    ghost.style.inlineSize = `${landing.frames * this.#scale}px`
  }

  #toggle(id, does) {
    if (does === "drop") return this.#say("drop", { id })
    const track = this.#cut.tracks.find((one) => one.id === id)
    const changes = does === "mute" ? { muted: !track.muted } : { locked: !track.locked }
    this.#say("change", { cut: edit.changeTrack(this.#cut, id, changes) })
  }

  #frameAt({ clientX }) { return Math.max(0, Math.round((clientX - this.inner.getBoundingClientRect().left) / this.#scale)) }

  get #words() { return this.dataset }

  #template(name) { return this.querySelector(`template[data-part=${name}]`).content.firstElementChild.cloneNode(true) }

  #say(name, detail) { this.dispatchEvent(new CustomEvent(`tracks:${name}`, { detail, bubbles: true })) }
}

/** The context of an emptied canvas that shows its surroundings from `left` on, in pixels of the page. */
function blank(canvas, left, wide, tall) {
  const dense = devicePixelRatio || 1
  if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(tall * dense)) {
    canvas.width = Math.round(wide * dense)
    canvas.height = Math.round(tall * dense)
    canvas.style.inlineSize = `${wide}px`
    canvas.style.blockSize = `${tall}px`
  }
  canvas.style.transform = `translateX(${left}px)`
  const context = canvas.getContext("2d")
  context.setTransform(dense, 0, 0, dense, 0, 0)
  context.clearRect(0, 0, wide, tall)
  return context
}
customElements.define("cut-tracks", CutTracks)
