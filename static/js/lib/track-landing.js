import * as edit from "lib/cut"
import { REACH } from "lib/track-sizes"

/** What is dragged into the tracks from the takes and files. */
export class TrackLanding {
  #tracks

  constructor(tracks) {
    this.#tracks = tracks
    tracks.addEventListener("dragover", (event) => this.#dragOver(event))
    tracks.addEventListener("dragleave", () => this.#ghost())
    tracks.addEventListener("drop", (event) => this.#drop(event))
  }

  #dragOver(event) {
    const dragged = this.#tracks.dragged
    if (!dragged) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
    this.#ghost(this.#landing(event, dragged))
  }

  #drop(event) {
    const dragged = this.#tracks.dragged
    this.#ghost()
    if (!dragged) return
    event.preventDefault()
    const { track, at } = this.#landing(event, dragged)
    this.#tracks.say("lay", { material: dragged, track, at, insert: event.ctrlKey || event.metaKey })
  }

  #landing(event, { kinds, frames }) {
    const under = event.target.closest?.(".track")
    const fits = (id) => { const track = this.#tracks.cut.tracks.find((one) => one.id === id); return track && kinds.includes(track.kind) && !track.locked }
    const track = under && fits(under.dataset.track) ? under.dataset.track : this.#tracks.inOrder().find(({ id }) => fits(id))?.id
    let at = this.#tracks.frameAt(event)
    if (this.#tracks.snapping) at += edit.snap([at, at + frames], edit.snapPoints(this.#tracks.cut, { playhead: Math.floor(this.#tracks.playhead) }), REACH / this.#tracks.scale)
    return { track, at: Math.max(0, at), frames }
  }

  #ghost(landing) {
    const ghost = this.#tracks.querySelector(".tracks__ghost")
    const lane = landing && this.#tracks.lanes.get(landing.track)?.lane
    ghost.hidden = !lane
    if (!lane) return
    lane.append(ghost)
    ghost.style.transform = `translateX(${landing.at * this.#tracks.scale}px)`
    ghost.style.inlineSize = `${landing.frames * this.#tracks.scale}px`
  }
}
