import { blank } from "lib/blank-canvas"
import * as edit from "lib/cut"
import { LANE, SLIM } from "lib/track-sizes"
import { drawWaveform, waveformOf } from "lib/waveform"

const SOUND_EDGE = 4, ROUND = 7        // pixels above and below a sound in its lane; of its corners

/** The sounds of the tracks, beneath their clips. */
export class TrackSounds {
  #tracks
  #style
  #waves = new WeakMap()      // material → how loud it is; null until that came
  #heard = 0                  // how many of them came

  constructor(tracks) { this.#tracks = tracks }

  /** The canvases are other ones than before. */
  anew() { this.#style = null }

  /**
   * The sounds of a track from `left` on, on one canvas beneath its clips: one for each would cost a layer each. True if
   * there was something to draw.
   */
  draw(waves, track, left, wide) {
    const { scale, fps, material: known } = this.#tracks
    const now = [track, left, wide, scale, known, this.#heard]
    if (waves.drawn?.every((one, n) => one === now[n])) return false
    waves.drawn = now
    const height = LANE.audio - 2 * SOUND_EDGE - 1
    const context = blank(waves, left, wide, height)
    const style = (this.#style ??= getComputedStyle(waves)), ground = style.getPropertyValue("--ground")
    for (const clip of edit.between(track, left / scale, (left + wide) / scale)) {
      const material = known[edit.sourceKey(clip)]
      if (material?.state !== "ready") continue
      const x = clip.at * scale - left, width = Math.max(2, clip.frames * scale - 1)
      context.globalAlpha = clip.muted ? 0.5 : 1
      context.fillStyle = ground
      context.beginPath()
      context.roundRect(x, 0, width, height, width < SLIM ? 0 : ROUND)
      context.fill()
      const wave = material.has_sound && this.#waveOf(material)
      if (!wave) continue
      const from = (clip.in_frame ?? 0) / (material.shows === "clip" ? material.fps : fps)
      context.fillStyle = style.color
      drawWaveform(context, wave, from, from + (clip.frames / fps) * (clip.speed ?? 1), { x, width, height, most: wide })
    }
    return true
  }

  /** What is known of how loud a sound is; null until it came. */
  #waveOf(material) {
    if (!this.#waves.has(material)) {
      this.#waves.set(material, null)
      waveformOf(material).then((wave) => {
        this.#waves.set(material, wave)
        this.#heard++
        this.#tracks.soon()
      })
    }
    return this.#waves.get(material)
  }
}
