import { clipAt, end, lengthOf, sourceKey } from "lib/cut"

const AHEAD_SECONDS = 2       // how early a clip that is coming is fetched
const MOST_PLAYERS = 10
const DRIFT_FRAMES = 1.5      // beyond this a clip is hurried or held; beyond half a second it is put right at once
const QUIET = -60             // decibels that are none

/**
 * Plays a cut on a stage, an element that it fills: one clock drives a <video>, <audio> or <img> for every clip that is
 * on or about to be. Frame n of a file is what is to be seen at n / fps seconds; standing still shows exactly that one.
 */
export class CutPlayer {
  frame = 0
  speed = 0                   // 0 stands still; 1 plays; negative goes backwards, seeking
  #stage
  #cut
  #material
  #players = new Map()        // clip id → Player
  #spare = []
  #began = { at: 0, frame: 0 }
  #audio
  #tick = () => this.#run()
  #told

  /** `told()` is called whenever frame or speed changed. */
  constructor(stage, told) {
    this.#stage = stage
    this.#told = told
  }

  get playing() { return this.speed !== 0 }

  show(cut, material) {
    this.#cut = cut
    this.#material = material
    this.frame = Math.min(this.frame, lengthOf(cut))
    this.#lay()
  }

  seek(frame) {
    this.frame = Math.max(0, Math.min(Math.round(frame), lengthOf(this.#cut)))
    this.#began = { at: performance.now(), frame: this.frame }
    this.#lay()
    this.#told()
  }

  play(speed = 1) {
    if (speed > 0 && this.frame >= lengthOf(this.#cut)) this.frame = 0
    if (!lengthOf(this.#cut)) return
    this.#audio ??= new AudioContext()
    this.#audio.resume()
    this.speed = speed
    this.#began = { at: performance.now(), frame: this.frame }
    requestAnimationFrame(this.#tick)
    this.#lay()
    this.#told()
  }

  pause() {
    if (!this.speed) return
    this.speed = 0
    this.frame = Math.floor(this.frame)
    this.#lay()
    this.#told()
  }

  #run() {
    if (!this.speed) return
    const now = performance.now()
    // What cannot be shown yet is waited for: the clock stands.
    if (this.speed > 0 && [...this.#players.values()].some((player) => player.isOn && player.isWaiting)) this.#began = { at: now, frame: this.frame }
    this.frame = this.#began.frame + ((now - this.#began.at) / 1000) * this.#cut.fps * this.speed
    const last = lengthOf(this.#cut)
    if (this.frame >= last || this.frame < 0) {
      this.speed = 0
      this.frame = this.frame < 0 ? 0 : last
    } else {
      requestAnimationFrame(this.#tick)
    }
    this.#lay()
    this.#told()
  }

  /** Give every clip that is on, or soon will be, its player, and tell each where it is. */
  #lay() {
    // At its end stands the last frame of the film.
    const cut = this.#cut, frame = this.frame, whole = Math.max(0, Math.min(Math.floor(frame), lengthOf(cut) - 1))
    const heard = this.speed > 0
    const ahead = AHEAD_SECONDS * cut.fps
    const wanted = new Map()
    const want = (clip, values) => { if (this.#material[sourceKey(clip)]?.state === "ready" && wanted.size < MOST_PLAYERS) wanted.set(clip.id, { clip, ...values }) }
    const videos = cut.tracks.filter((track) => track.kind === "video")
    // What lies on top hides what is beneath.
    const top = videos.findLast((track) => !track.muted && clipAt(track, whole))
    for (const track of cut.tracks) {
      if (track.muted || !["video", "audio"].includes(track.kind)) continue
      for (const [place, clip] of track.clips.entries()) {
        if (clip.at > frame + ahead) break
        const next = track.clips[place + 1]
        const over = next && next.at === end(clip) && next.transition?.kind === "dissolve" ? next.transition.frames : 0
        if (end(clip) + over <= whole) continue
        const on = clip.at <= whole
        const level = on && heard && !clip.muted ? this.#level(track, clip, frame, over) : 0
        const gone = whole >= end(clip)                // it plays on beneath the one that comes
        want(clip, { on, level, seen: on && track === top ? (gone ? 1 : this.#seen(clip, whole)) : 0, place, gone })
      }
    }
    for (const [id, player] of this.#players) if (!wanted.has(id)) this.#release(id, player)
    for (const [id, values] of wanted) {
      const { clip } = values
      const source = this.#material[sourceKey(clip)]
      let player = this.#players.get(id)
      if (player && player.source.file !== source.file) this.#release(id, player), (player = null)
      if (!player) this.#players.set(id, (player = this.#take(source)))
      player.follow({ ...values, frame, whole, fps: cut.fps, speed: this.speed, audio: this.#audio })
    }
    this.#words(whole)
  }

  /** How much is seen of a clip, 0 to 1, as the export has it. */
  #seen(clip, frame) {
    const k = frame - clip.at
    let share = 1
    if (clip.transition && k < clip.transition.frames) share = (k + 1) / (clip.transition.frames + 1)
    const left = clip.frames - k
    if (clip.fade_to_black && left <= clip.fade_to_black) share *= left / (clip.fade_to_black + 1)
    return Math.max(0, share)
  }

  #level(track, clip, frame, over) {
    const volume = (clip.volume_db ?? 0) + (track.volume_db ?? 0)
    if (volume <= QUIET) return 0
    const k = frame - clip.at
    const fadeIn = Math.max(clip.fade_in ?? 0, clip.transition?.kind === "dissolve" ? clip.transition.frames : 0)
    const fadeOut = Math.max(clip.fade_out ?? 0, over)
    const left = clip.frames + over - k
    return 10 ** (volume / 20) * (fadeIn ? Math.min(1, k / fadeIn) : 1) * (fadeOut ? Math.min(1, Math.max(0, left / fadeOut)) : 1)
  }

  #words(frame) {
    for (const kind of ["title", "caption"]) {
      const lines = this.#cut.tracks.filter((track) => track.kind === kind && !track.muted).map((track) => clipAt(track, frame)).filter((clip) => clip?.text?.trim())
      const line = this.#stage.querySelector(`[data-words=${kind}]`)
      const text = lines.map((clip) => clip.text).join("\n")
      if (line.textContent !== text) line.textContent = text
      line.dataset.style = lines.at(-1)?.style ?? "centre"
      line.hidden = !text
    }
  }

  #take(source) {
    const kind = source.shows === "clip" ? "video" : source.shows === "sound" ? "audio" : "img"
    const spare = this.#spare.findIndex((player) => player.element.localName === kind && (kind === "img" || player.source.file === source.file))
    if (spare >= 0) {
      const [player] = this.#spare.splice(spare, 1)
      player.load(source)
      return player
    }
    const element = document.createElement(kind)
    element.className = "stage__media"
    if (kind === "img") element.alt = ""
    else Object.assign(element, { preload: "auto", playsInline: true })
    this.#stage.prepend(element)
    return new Player(element, source)
  }

  #release(id, player) {
    this.#players.delete(id)
    player.rest()
    this.#spare.push(player)
    if (this.#spare.length > 4) this.#spare.shift().end()
  }
}

/** One element, and the clip that it plays. */
class Player {
  isOn = false
  #gain
  #shown

  constructor(element, source) {
    this.element = element
    this.load(source)
    element.addEventListener?.("seeked", () => this.#again())
    element.addEventListener?.("loadeddata", () => this.#again())
    if ("requestVideoFrameCallback" in element) this.#watch()
  }

  get isStill() { return this.element.localName === "img" }
  get isWaiting() { return !this.isStill && this.element.readyState < 3 && !this.element.ended && !this.element.error }

  load(source) {
    if (this.source?.file === source.file) return
    this.source = source
    this.element.src = source.file
  }

  /** Be where the clip is at `frame` of the cut. */
  follow(now) {
    const { clip, on, seen, gone, frame, whole, fps, speed, level, audio, place } = now
    this.isOn = on && !gone
    const { element } = this
    element.style.opacity = seen
    element.style.visibility = seen ? "visible" : "hidden"
    element.style.zIndex = place
    if (this.isStill) return
    const rate = this.source.fps || fps
    const seconds = this.#seconds(clip, on ? frame : clip.at, fps, rate)
    const pace = Math.abs(speed) * (clip.speed ?? 1)
    const runs = on && speed > 0 && pace <= 16 && seconds < (element.duration || Infinity)
    if (audio && this.source.has_sound) this.#loud(audio, runs ? level : 0)
    else element.muted = true
    if (!runs) {
      if (!element.paused) element.pause()
      return this.#go(this.#standing(clip, on ? whole : clip.at, fps, rate))
    }
    const drift = element.currentTime - seconds
    if (Math.abs(drift) > 0.5 && !element.seeking) element.currentTime = seconds
    const hurry = Math.abs(drift) * fps > DRIFT_FRAMES ? 1 - Math.sign(drift) * 0.08 : 1
    const wanted = Math.min(16, Math.max(0.0625, pace * hurry))
    if (Math.abs(element.playbackRate - wanted) > 0.001) element.playbackRate = wanted
    element.preservesPitch = false       // at another speed as from a tape, as the export sounds
    if (element.paused) element.play().catch(() => {})
  }

  rest() {
    this.isOn = false
    this.element.style.visibility = "hidden"
    if (!this.isStill) this.element.pause()
    if (this.#gain) this.#gain.gain.value = 0
  }

  end() {
    this.rest()
    this.element.removeAttribute("src")
    this.element.load?.()
    this.element.remove()
  }

  #seconds(clip, frame, fps, rate) {
    return (clip.in_frame ?? 0) / rate + ((frame - clip.at) / fps) * (clip.speed ?? 1)
  }

  // The middle of the frame that is to be seen.
  #standing(clip, frame, fps, rate) {
    const number = (clip.in_frame ?? 0) + Math.floor((((frame - clip.at) * (clip.speed ?? 1)) * rate) / fps + 1e-6)
    return (Math.min(number, Math.max(0, (this.source.frames || Infinity) - 1)) + 0.5) / rate
  }

  #go(seconds) {
    const { element } = this
    this.#shown = seconds
    if (element.readyState > 0 && !element.seeking && Math.abs(element.currentTime - seconds) > 1e-3) element.currentTime = seconds
  }

  // A seek that came while another was under way is done when that one is.
  #again() {
    const { element } = this
    if (element.paused && this.#shown !== undefined && Math.abs(element.currentTime - this.#shown) > 1e-3 && !element.seeking) element.currentTime = this.#shown
  }

  #loud(audio, level) {
    const { element } = this
    if (!this.#gain) {
      this.#gain = audio.createGain()
      audio.createMediaElementSource(element).connect(this.#gain).connect(audio.destination)
    }
    element.muted = false
    this.#gain.gain.setTargetAtTime(level, audio.currentTime, 0.01)
  }

  // Says in the page which frame of the file is on the screen.
  #watch() {
    this.element.requestVideoFrameCallback((_now, { mediaTime }) => {
      this.element.dataset.frame = Math.floor(mediaTime * this.source.fps + 0.01)
      this.#watch()
    })
  }
}
