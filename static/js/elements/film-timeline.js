import * as edit from "lib/cut"
import { ClipPanel } from "lib/clip-panel"
import { CutPlayer } from "lib/cut-player"
import { CutStore } from "lib/cut-store"
import { socket } from "lib/socket"
import { timecode } from "lib/timecode"
import { fill } from "lib/words"

const STILL_SECONDS = 3       // how long a picture, a title or a caption is at first
const SPEEDS = [1, 2, 4, 8]
const LOOKED_AGAIN_MS = 1_500 // after news of the studio, before asking what the clips show now
const DISSOLVE_SECONDS = 0.5
const KINDS = { clip: ["video", "audio"], picture: ["video"], sound: ["audio"], captions: ["caption"] }

/**
 * The room of the cut: joins what can be laid in, the stage, the panel of what is chosen and the tracks, and keeps the
 * cut on the server. Every key is told in the sheet "Keys".
 */
class FilmTimeline extends HTMLElement {
  #material
  #marks = { in: null, out: null }
  #looked

  connectedCallback() {
    const { cut, version, material } = JSON.parse(document.getElementById("kept-cut").textContent)
    const headers = JSON.parse(document.body.getAttribute("hx-headers"))
    this.headers = headers
    this.#material = material
    this.store = new CutStore({ cut, version }, { url: this.getAttribute("cut"), headers })
    this.tracks = this.querySelector("cut-tracks")
    this.player = new CutPlayer(this.querySelector("[data-does=stage]"), () => this.#told())
    this.panel = new ClipPanel(this.querySelector(".inspector"), this)
    this.store.listen((before) => this.#changed(before))
    addEventListener("cut:state", () => this.#say())
    customElements.whenDefined("cut-tracks").then(() => {
      this.#show(true)
      this.tracks.fit()
    })
    this.addEventListener("click", (event) => this.#click(event))
    this.addEventListener("tracks:change", ({ detail }) => this.change(detail.cut, detail))
    this.addEventListener("tracks:preview", ({ detail }) => this.#preview(detail))
    this.addEventListener("tracks:select", () => this.#chosen())
    this.addEventListener("tracks:seek", ({ detail }) => { this.player.pause(); this.player.seek(detail.frame) })
    this.addEventListener("tracks:fill", ({ detail }) => this.#fill(detail))
    this.addEventListener("tracks:drop", ({ detail }) => this.#dropTrack(detail.id))
    this.addEventListener("tracks:lay", ({ detail }) => this.#lay(detail))
    this.addEventListener("dragstart", (event) => this.#take(event))
    this.addEventListener("dragend", () => { this.tracks.dragged = null })
    addEventListener("keydown", (event) => this.#key(event))
    addEventListener("focus", () => this.#look())
    socket.listen((message) => { if (message.type === "event") this.#lookSoon() })
    for (const tab of this.querySelectorAll("[role=tab]")) tab.addEventListener("keydown", (event) => this.#tabKey(event))
    this.#say()
  }

  /** Whether this person looks at the cut and may not change it. */
  get looking() { return this.hasAttribute("looking") }
  get cut() { return this.store.cut }
  get fps() { return this.cut.fps }
  get playhead() { return Math.floor(this.player.frame) }
  get selection() { return [...this.tracks.selection] }
  get rules() { return { pace: this.tracks.pace, room: this.tracks.room, ripple: this.tracks.rippling } }

  materialOf(clip) { return this.#material[edit.sourceKey(clip)] }

  /** A clip shows something else from now on; what is known of that. */
  linked(source, material) { this.#material = { ...this.#material, [`${source.kind}:${source.id}`]: material } }

  change(cut, options) { return !this.looking && this.store.change(cut, options) }

  // Showing

  #changed() { this.#show() }

  #show(anew = false) {
    this.tracks.draw(this.cut, anew ? this.#material : undefined)
    this.player.show(this.cut, this.#material)
    const [across, down] = [this.cut.width, this.cut.height]
    this.querySelector(".stage").style.setProperty("--ratio", `${across} / ${down}`)
    this.toggleAttribute("data-empty", !edit.lengthOf(this.cut))
    this.panel.show()
    this.#told()
  }

  #chosen() { this.panel.show() }

  #told() {
    const { frame, speed } = this.player
    this.tracks.playhead = frame
    if (speed) this.tracks.follow()
    this.dataset.playing = speed ? "playing" : "paused"
    const now = timecode(Math.floor(frame) / this.fps, this.fps), whole = timecode(edit.lengthOf(this.cut) / this.fps, this.fps)
    const [first, second] = this.#times ??= ["now", "whole"].map((name) => this.querySelector(`[data-shows=${name}]`))
    if (first.textContent !== now) first.textContent = now
    if (second.textContent !== whole) second.textContent = whole
  }
  #times

  /** While an edge is dragged, the stage shows the frame at that edge. */
  #preview({ cut, id, does }) {
    if (!cut) return this.player.show(this.cut, this.#material)
    const clip = edit.clipOf(cut, id)
    if (!clip || does === "move") return
    this.player.show(cut, this.#material)
    this.player.seek(does === "end" ? edit.end(clip) - 1 : clip.at)
  }

  #say() {
    const { state, conflict, refusal } = this.store
    this.querySelector("[data-shows=state]").textContent = this.dataset[state] ?? ""
    this.querySelector("[data-shows=state]").dataset.state = state
    this.querySelector("[data-shows=conflict]").hidden = state !== "conflict"
    const words = this.querySelector("[data-shows=conflict-words]")
    if (conflict) words.textContent = conflict.by ? fill(words.dataset.by, conflict) : words.dataset.somebody
    this.querySelector("[data-shows=refused]").hidden = state !== "refused"
    this.querySelector("[data-shows=refusal]").textContent = refusal
    this.querySelector("[data-does=undo]").disabled = !this.store.canUndo
    this.querySelector("[data-does=redo]").disabled = !this.store.canRedo
  }

  /** What the clips show today, and whether another window kept another cut. */
  async #look() {
    clearTimeout(this.#looked)
    this.#looked = null
    let told
    try {
      const answer = await fetch(this.getAttribute("material"), { headers: this.headers })
      if (!answer.ok) return
      told = await answer.json()
    } catch {
      return                                       // the connection's own banner says so
    }
    const changed = JSON.stringify(told.material) !== JSON.stringify(this.#material)
    this.#material = { ...this.#material, ...told.material }
    if (told.version !== this.store.version && !this.store.isDirty && this.store.state === "saved") {
      this.store.adopt(told)
      this.#toast(this.dataset.came)
      this.#show(true)
    } else if (changed) this.#show(true)
  }

  #lookSoon() { this.#looked ??= setTimeout(() => this.#look(), LOOKED_AGAIN_MS) }

  // Laying in

  #take(event) {
    const item = event.target.closest?.(".bin__item")
    if (!item) return
    const dragged = this.#item(item)
    event.dataTransfer.effectAllowed = "copy"
    event.dataTransfer.setData("text/plain", dragged.material.name)
    this.tracks.dragged = dragged
  }

  /** What an item of the bin would become: {material, kinds of tracks, frames}. */
  #item(item) {
    const material = JSON.parse(item.querySelector("script").textContent)
    const seconds = material.shows === "picture" ? STILL_SECONDS : material.seconds || STILL_SECONDS
    return { material, kinds: KINDS[material.shows] ?? ["video"], frames: Math.max(1, Math.round(seconds * this.fps)) }
  }

  async #lay({ material: item, track, at, insert }) {
    if (this.looking) return
    const { material, kinds, frames } = item
    track ??= this.cut.tracks.find((one) => kinds.includes(one.kind) && !one.locked)?.id
    if (!track) return this.#toast(this.dataset.full)
    if (material.shows === "captions") return this.#layCaptions({ asset: material.id }, track, at)
    const clip = { id: edit.newId(), at, frames, source: { kind: material.kind, id: material.id } }
    this.#material = { ...this.#material, [edit.sourceKey(clip)]: material }
    this.tracks.draw(this.cut, this.#material)
    const isFirst = !edit.lengthOf(this.cut)
    const cut = insert ? edit.insert(this.cut, track, clip, this.tracks.pace) : edit.overwrite(this.cut, track, [clip], this.tracks.pace)
    this.change(cut)
    this.#show(true)
    if (isFirst) this.tracks.fit()
    this.tracks.select([clip.id])
    return clip
  }

  /** Lay an item in at the playhead; what is there makes room. */
  async #layAtPlayhead(item) {
    const clip = await this.#lay({ material: this.#item(item), at: this.playhead, insert: true })
    if (clip) this.player.seek(edit.end(clip))
    this.tracks.follow()
  }

  /** Captions of a file or an asset, from a frame of a track on. */
  async #layCaptions(what, track, at) {
    const said = this.querySelector("[data-shows=captions-error]")
    said.hidden = true
    const body = new FormData()
    for (const [name, value] of Object.entries(what)) body.set(name, value)
    const answer = await fetch(this.getAttribute("captions"), { method: "POST", headers: this.headers, body }).catch(() => null)
    const told = answer && answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {}
    if (!told.clips) {
      if (told.error) [said.textContent, said.hidden] = [told.error, false], this.#toast(told.error, "error")
      else this.#offline()
      return
    }
    const clips = told.clips.map((clip) => ({ id: edit.newId(), source: null, ...clip, at: clip.at + at }))
    this.change(edit.overwrite(this.cut, track, clips, this.tracks.pace))
    this.#toast(fill(this.dataset.laid, { n: clips.length }))
  }

  /** A title or a caption at the playhead, ready to be written. */
  #write(kind) {
    if (this.looking) return
    const track = this.cut.tracks.find((one) => one.kind === kind && !one.locked)
    if (!track) return this.#toast(this.dataset.full)
    const clip = { id: edit.newId(), at: this.playhead, frames: STILL_SECONDS * this.fps, source: null, text: kind === "title" ? this.dataset.title : this.dataset.caption, style: "centre" }
    const next = track.clips.find(({ at }) => at > clip.at)
    const there = edit.clipAt(track, clip.at)
    if (there) {
      this.tracks.select([there.id])
      return this.panel.write()
    }
    if (next) clip.frames = Math.min(clip.frames, next.at - clip.at)
    this.change(edit.overwrite(this.cut, track.id, [clip], this.tracks.pace))
    this.tracks.select([clip.id])
    this.panel.write()
  }

  #addTrack(kind) {
    if (!this.looking && !this.change(edit.addTrack(this.cut, kind))) this.#toast(fill(this.dataset.most, { n: edit.MOST_TRACKS }))
  }

  /** Take a track out: at once where nothing lies on it, else once that was asked. */
  #dropTrack(id) {
    const { name, clips } = this.cut.tracks.find((track) => track.id === id)
    if (!clips.length) return this.change(edit.removeTrack(this.cut, id))
    const dialog = this.querySelector(".cut-ask"), words = dialog.querySelector("p")
    words.textContent = fill(words.dataset.words, { name: name || id })
    dialog.returnValue = ""
    dialog.onclose = () => { if (dialog.returnValue === "drop") this.change(edit.removeTrack(this.cut, id)) }
    dialog.showModal()
  }

  async #fill({ track, at }) {
    if (this.looking || !(await this.store.save())) return
    const body = new URLSearchParams({ track, at })
    const answer = await fetch(this.getAttribute("gap"), { method: "POST", headers: this.headers, body }).catch(() => null)
    const told = answer && answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {}
    if (told.url) location.assign(told.url)
    else if (told.error) this.#toast(told.error, "error")
    else this.#offline()
  }

  // Doing

  does = {
    play: () => (this.player.playing ? this.player.pause() : this.#play(1)),
    back: () => this.#step(-1),
    on: () => this.#step(1),
    earlier: () => this.#go(edit.edits(this.cut).findLast((frame) => frame < this.playhead) ?? 0),
    later: () => this.#go(edit.edits(this.cut).find((frame) => frame > this.playhead) ?? edit.lengthOf(this.cut)),
    undo: () => this.store.undo(),
    redo: () => this.store.redo(),
    split: () => this.change(edit.split(this.cut, this.playhead, this.tracks.pace, this.#underPlayhead().length ? this.#underPlayhead() : null)),
    remove: () => this.#remove(false),
    close: () => this.#remove(true),
    marker: () => this.#marker(),
    title: () => this.#write("title"),
    caption: () => this.#write("caption"),
    snap: () => this.#switch("snapping", "snap"),
    ripple: () => this.#switch("rippling", "ripple"),
    keys: () => this.querySelector(".cut-keys").showModal(),
    smaller: () => this.tracks.zoom(1 / 1.5),
    larger: () => this.tracks.zoom(1.5),
    fit: () => this.tracks.fit(),
    theirs: () => this.#theirs(),
    mine: () => this.store.insist(),
    "keep-take": () => this.panel.link("take"),
    "follow-shot": () => this.panel.link("shot"),
    "track-video": () => this.#addTrack("video"),
    "track-audio": () => this.#addTrack("audio"),
    "track-title": () => this.#addTrack("title"),
    "track-caption": () => this.#addTrack("caption"),
  }

  #click(event) {
    const item = event.target.closest(".bin__item")
    if (item) return this.#layAtPlayhead(item)
    const tab = event.target.closest("[role=tab]")
    if (tab) return this.#tab(tab)
    if (event.target.closest(".stage")) return this.does.play()
    const button = event.target.closest("button[data-does]")
    if (button && !button.closest(".tracks, .inspector__markers")) this.does[button.dataset.does]?.()
  }

  #underPlayhead() { return this.selection.filter((id) => { const clip = edit.clipOf(this.cut, id); return clip.at < this.playhead && this.playhead < edit.end(clip) }) }

  #play(speed) {
    this.player.play(speed)
  }

  #step(frames) {
    this.player.pause()
    this.player.seek(this.playhead + frames)
    this.tracks.follow()
  }

  #go(frame) {
    this.player.pause()
    this.player.seek(frame)
    this.tracks.follow()
  }

  #remove(ripple) {
    const { in: from, out: to } = this.#marks
    if (this.selection.length) return this.change(edit.remove(this.cut, this.selection, { ripple: ripple || this.tracks.rippling }))
    if (from === null && to === null) return
    this.change(edit.extract(this.cut, from ?? 0, to ?? edit.lengthOf(this.cut), this.tracks.pace, { ripple: true }))
    this.#go(from ?? 0)
    this.#mark({ in: null, out: null })
  }

  #marker() {
    const at = this.playhead
    const there = this.cut.markers.find((marker) => marker.at === at)
    const markers = there ? this.cut.markers.filter((marker) => marker !== there) : [...this.cut.markers, { id: edit.newId(), at, name: "" }].sort((one, other) => one.at - other.at)
    this.change({ ...this.cut, markers })
  }

  #mark(marks) {
    this.#marks = { ...this.#marks, ...marks }
    if (this.#marks.in !== null && this.#marks.out !== null && this.#marks.out <= this.#marks.in) this.#marks[marks.in === undefined ? "in" : "out"] = null
    this.tracks.marks = this.#marks
  }

  #switch(property, button) {
    this.tracks[property] = !this.tracks[property]
    this.querySelector(`[data-does=${button}]`).setAttribute("aria-pressed", String(this.tracks[property]))
  }

  #trimTo(edge) {
    const chosen = this.selection.filter((id) => { const clip = edit.clipOf(this.cut, id); return clip.at < this.playhead && this.playhead < edit.end(clip) })
    const [id] = chosen.length ? chosen : this.#clipsAt()
    const clip = id && edit.clipOf(this.cut, id)
    if (!clip) return
    const by = edge === "start" ? this.playhead - clip.at : this.playhead - edit.end(clip)
    this.change(edit.trim(this.cut, id, edge, by, this.rules))
    if (edge === "start" && this.tracks.rippling) this.player.seek(clip.at)
  }

  /** Clips under the playhead, the picture first. */
  #clipsAt() {
    const order = ["video", "audio", "title", "caption"]
    const tracks = [...this.cut.tracks].reverse().sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind))
    return tracks.filter((track) => !track.locked).map((track) => edit.clipAt(track, this.playhead)?.id).filter(Boolean)
  }

  /** Choose what is under the playhead; again, what is beneath that. */
  #chooseHere() {
    const here = this.#clipsAt()
    const next = here[(here.indexOf(this.selection[0]) + 1) % here.length]
    if (!next) return
    this.tracks.select([next])
    this.tracks.focusClip(next)
  }

  #dissolve() {
    const [id] = this.selection
    const clip = id && edit.clipOf(this.cut, id)
    if (!clip || edit.trackOf(this.cut, id).kind !== "video") return
    const transition = clip.transition ? null : { kind: "dissolve", frames: Math.min(clip.frames, Math.max(1, Math.round(DISSOLVE_SECONDS * this.fps))) }
    this.change(edit.changeClips(this.cut, [id], { transition }))
  }

  #nudge(by) {
    if (this.selection.length) this.change(edit.move(this.cut, this.selection, by, { pace: this.tracks.pace }), { merge: "nudge" })
  }

  #slip(by) {
    for (const id of this.selection.slice(0, 1)) this.change(edit.slip(this.cut, id, by, this.rules), { merge: "slip" })
  }

  async #theirs() {
    const answer = await fetch(this.getAttribute("material"), { headers: this.headers }).catch(() => null)
    if (!answer?.ok) return this.#offline()
    const told = await answer.json()
    this.#material = { ...this.#material, ...told.material }
    this.store.adopt(told)
    this.#show(true)
  }

  #key(event) {
    if (event.key === "Escape" && event.target.closest?.(".inspector") && event.target.matches("input, select, textarea")) return event.target.blur()
    if (event.target.closest?.("input, select, textarea, dialog[open]") || document.querySelector("dialog[open]")) return
    if (event.target.closest?.(".topbar, .rail")) return
    const command = event.ctrlKey || event.metaKey
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const act = command ? this.#commands(event, key) : event.altKey ? this.#altered(key) : this.#keys(event, key)
    if (!act) return
    event.preventDefault()
    act()
  }

  #commands({ shiftKey }, key) {
    return {
      z: () => (shiftKey ? this.store.redo() : this.store.undo()),
      y: () => this.store.redo(),
      s: () => this.store.save(),
      a: () => this.tracks.select(this.cut.tracks.filter((track) => !track.locked).flatMap((track) => track.clips.map(({ id }) => id))),
    }[key]
  }

  #altered(key) {
    return { ArrowLeft: () => this.#nudge(-1), ArrowRight: () => this.#nudge(1) }[key]
  }

  #keys({ shiftKey, target }, key) {
    const onButton = target.closest?.("button, a, summary, [role=tab]")
    const frames = shiftKey ? this.fps : 1
    if (key === "Enter" && !onButton) return null
    if (key === " " && onButton && !onButton.closest(".clip, .transport")) return null     // a button takes it itself
    if (onButton?.matches("[role=tab]") && key.startsWith("Arrow")) return null
    return {
      " ": this.does.play,
      k: () => this.player.pause(),
      l: () => this.#faster(1),
      j: () => this.#faster(-1),
      ArrowLeft: () => this.#step(-frames),
      ArrowRight: () => this.#step(frames),
      ArrowUp: this.does.earlier,
      ArrowDown: this.does.later,
      Home: () => this.#go(0),
      End: () => this.#go(edit.lengthOf(this.cut)),
      i: () => this.#mark({ in: this.playhead }),
      o: () => this.#mark({ out: this.playhead }),
      x: () => this.#chooseHere(),
      Escape: () => { this.tracks.select([]); this.#mark({ in: null, out: null }) },
      s: this.does.split,
      q: () => this.#trimTo("start"),
      w: () => this.#trimTo("end"),
      ",": () => this.#slip(-1),
      ".": () => this.#slip(1),
      Delete: () => this.#remove(shiftKey),
      Backspace: () => this.#remove(shiftKey),
      d: () => this.#dissolve(),
      m: this.does.marker,
      t: this.does.title,
      c: this.does.caption,
      n: this.does.snap,
      r: this.does.ripple,
      "+": this.does.larger,
      "=": this.does.larger,
      "-": this.does.smaller,
      z: this.does.fit,
      "?": this.does.keys,
    }[key]
  }

  /** J and L: the same way again is faster, the other way is slower. */
  #faster(way) {
    const { speed } = this.player
    const next = Math.sign(speed) === way ? SPEEDS[Math.min(SPEEDS.indexOf(Math.abs(speed)) + 1, SPEEDS.length - 1)] : 1
    this.#play(way * next)
  }

  // The bin

  #tab(tab) {
    for (const one of this.querySelectorAll("[role=tab]")) {
      one.setAttribute("aria-selected", String(one === tab))
      one.tabIndex = one === tab ? 0 : -1
      this.querySelector(`#${one.getAttribute("aria-controls")}`).hidden = one !== tab
    }
  }

  #tabKey(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
    event.preventDefault()
    event.stopPropagation()
    const other = [...this.querySelectorAll("[role=tab]")].find((tab) => tab !== event.target)
    this.#tab(other)
    other.focus()
  }

  captionsFrom(file) {
    const track = this.cut.tracks.find((one) => one.kind === "caption" && !one.locked)?.id
    if (!track) return this.#toast(this.dataset.full)
    return this.#layCaptions({ file }, track, 0)
  }

  seek(frame) { this.#go(frame) }

  #offline() { dispatchEvent(new CustomEvent("studio:toast", { detail: { name: "offline" } })) }

  #toast(words, level = "") { dispatchEvent(new CustomEvent("studio:toast", { detail: { words, level } })) }
}
customElements.define("film-timeline", FilmTimeline)
