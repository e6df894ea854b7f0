import * as edit from "lib/cut"
import { timecode } from "lib/timecode"
import { fill } from "lib/words"

const SIZES = ["width", "height"]

/** The panel beside the stage: the values of the clip that is chosen, or of the whole film. */
export class ClipPanel {
  #root
  #timeline
  #clip

  constructor(root, timeline) {
    this.#root = root
    this.#timeline = timeline
    root.addEventListener("input", ({ target }) => this.#changed(target, true))
    root.addEventListener("change", ({ target }) => this.#changed(target, false))
  }

  /** Show what is chosen now. */
  show() {
    const { cut, selection } = this.#timeline
    const clip = selection.length === 1 ? edit.clipOf(cut, selection[0]) : null
    this.#clip = clip
    for (const [name, shown] of [["film", !selection.length], ["many", selection.length > 1], ["clip", Boolean(clip)]]) this.#one(`[data-panel=${name}]`).hidden = !shown
    if (clip) this.#showClip(clip)
    else if (selection.length) this.#say("many", fill(this.#one("[data-shows=many]").dataset.words, { n: selection.length }))
    else this.#showFilm(cut)
  }

  /** The words of the clip that is chosen are to be written. */
  write() {
    this.show()
    const words = this.#value("text")
    words.focus()
    words.select()
  }

  /** Let the clip follow its shot, or stay with the take that is chosen now. */
  link(kind) {
    const material = this.#timeline.materialOf(this.#clip)
    const id = kind === "take" ? material?.take_id : material?.url.match(/[0-9a-f-]{36}/)?.[0]
    if (!id) return
    const source = { kind, id }
    this.#timeline.linked(source, { ...material, ...source })
    this.#timeline.change(edit.changeClips(this.#timeline.cut, [this.#clip.id], { source }))
  }

  #showFilm(cut) {
    this.#say("length", timecode(edit.lengthOf(cut) / cut.fps, cut.fps))
    this.#say("clips", cut.tracks.reduce((sum, track) => sum + track.clips.length, 0))
    this.#one("[data-film=fps]").value = String(cut.fps)
    const size = this.#one("[data-film=size]"), now = `${cut.width}x${cut.height}`
    if (![...size.options].some(({ value }) => value === now)) size.add(new Option(`${cut.width}×${cut.height}`, now))
    size.value = now
    this.#markers(cut)
  }

  #markers(cut) {
    const list = this.#one(".inspector__markers")
    this.#one("[data-shows=markers]").hidden = !cut.markers.length
    if (list.contains(document.activeElement) && document.activeElement.localName === "input") return
    list.replaceChildren(...cut.markers.map((marker) => {
      const row = this.#one("template[data-part=marker-row]").content.firstElementChild.cloneNode(true)
      const [go, drop] = row.querySelectorAll("button")
      go.textContent = timecode(marker.at / cut.fps, cut.fps)
      go.addEventListener("click", () => this.#timeline.seek(marker.at))
      drop.addEventListener("click", () => this.#mark((markers) => markers.filter(({ id }) => id !== marker.id)))
      const name = row.querySelector("input")
      name.value = marker.name ?? ""
      name.addEventListener("input", (event) => {
        event.stopPropagation()
        this.#mark((markers) => markers.map((one) => (one.id === marker.id ? { ...one, name: name.value } : one)), `marker ${marker.id}`)
      })
      return row
    }))
  }

  #mark(change, merge = null) {
    const { cut } = this.#timeline
    this.#timeline.change({ ...cut, markers: change(cut.markers) }, { merge })
  }

  #showClip(clip) {
    const { fps } = this.#timeline
    const kind = edit.trackOf(this.#timeline.cut, clip.id).kind
    const material = this.#timeline.materialOf(clip)
    const isShot = Boolean(material?.url)
    const has = {
      source: Boolean(clip.source),
      words: !clip.source,
      title: kind === "title",
      picture: kind === "video",
      transition: Boolean(clip.transition),
      sound: Boolean(material?.has_sound),
      shot: isShot,
      take: Boolean(material?.take),
      chosen: clip.source?.kind === "shot" && Boolean(material?.take_id),
      kept: clip.source?.kind === "take",
    }
    for (const part of this.#root.querySelectorAll("[data-for]")) part.hidden = !has[part.dataset.for]
    this.#say("name", clip.source ? [material?.mark, material?.name].filter(Boolean).join(" ") : clip.text || "")
    const why = this.#one("[data-shows=why]")
    const reason = !clip.source ? "" : !material ? "gone" : material.rewritten ? "rewritten" : material.state !== "ready" ? material.state : material.stale ? "stale" : ""
    why.textContent = reason ? why.dataset[reason] : ""
    why.hidden = !reason
    const take = this.#one("[data-shows=take]")
    take.textContent = fill(has.kept ? take.dataset.kept : take.dataset.chosen, { n: material?.take })
    this.#say("at", timecode(clip.at / fps, fps))
    const rate = material?.fps || fps, from = (clip.in_frame ?? 0) / rate
    this.#say("inout", `${timecode(from, fps)} – ${timecode(from + (clip.frames / fps) * (clip.speed ?? 1), fps)}`)
    this.#set("frames", clip.frames)
    this.#set("text", clip.text ?? "")
    this.#set("style", clip.style ?? "centre")
    this.#set("speed", Math.round((clip.speed ?? 1) * 100))
    this.#set("transition", clip.transition?.kind ?? "")
    this.#set("transition_frames", clip.transition?.frames ?? "")
    for (const name of ["fade_to_black", "volume_db", "fade_in", "fade_out"]) this.#set(name, clip[name] ?? 0)
    this.#value("muted").checked = Boolean(clip.muted)
    if (isShot) this.#one("[data-does=open]").href = material.url
  }

  #changed(target, typing) {
    const timeline = this.#timeline
    if (target.dataset.does === "captions-file") {
      if (!typing && target.files[0]) timeline.captionsFrom(target.files[0]).finally(() => { target.value = "" })
      return
    }
    if (target.dataset.film) return typing ? null : this.#changeFilm(target)
    const name = target.dataset.value
    if (!name || !this.#clip) return
    if (!typing) timeline.store.settle()
    const next = this.#edited(name, target)
    if (next) timeline.change(next, { merge: typing ? `${name} ${this.#clip.id}` : null })
    if (!typing) this.show()                       // what could not be is put right
  }

  #edited(name, target) {
    const { cut, rules } = this.#timeline
    const clip = this.#clip, id = clip.id
    const set = (changes) => edit.changeClips(cut, [id], changes)
    if (name === "text" || name === "style") return set({ [name]: target.value })
    if (name === "muted") return set({ muted: target.checked })
    if (name === "transition") {
      const frames = clip.transition?.frames ?? Math.max(1, Math.min(clip.frames, Math.round(cut.fps / 2)))
      return set({ transition: target.value ? { kind: target.value, frames } : null })
    }
    const number = Number(target.value)
    if (target.value === "" || !Number.isFinite(number)) return null
    const within = (low, high) => Math.min(high, Math.max(low, number))
    if (name === "frames") return edit.trim(cut, id, "end", Math.round(within(1, 1e6)) - clip.frames, rules)
    if (name === "speed") return number < 25 || number > 400 ? null : edit.retime(cut, id, number / 100, rules)
    if (name === "transition_frames") return clip.transition && set({ transition: { ...clip.transition, frames: Math.round(within(1, clip.frames)) } })
    if (name === "volume_db") return set({ volume_db: within(-60, 12) })
    return set({ [name]: Math.round(within(0, clip.frames)) })
  }

  #changeFilm(target) {
    const { cut } = this.#timeline
    if (target.dataset.film === "fps") return this.#timeline.change(edit.atRate(cut, Number(target.value), this.#timeline.rules))
    const sides = target.value.split("x").map(Number)
    return this.#timeline.change({ ...cut, ...Object.fromEntries(SIZES.map((side, n) => [side, sides[n]])) })
  }

  #set(name, value) {
    const field = this.#value(name)
    if (field !== document.activeElement || field.localName === "select") field.value = value
  }

  #value(name) { return this.#one(`[data-value=${name}]`) }
  #one(selector) { return this.#root.querySelector(selector) }
  #say(name, words) { this.#one(`[data-shows=${name}]`).textContent = words }
}
