const PAGE = 900              // pixels of a page where clips crowd
const CROWD = 40              // as many of them, on all tracks, in the length of a page

/**
 * What clips are drawn on. A sheet is what was drawn at one scale: after a zoom clips go over to a new one, a few in every
 * frame, and those that wait are stretched with theirs. Where clips crowd, each lane of it is cut into pages that are
 * layers of their own: what comes onto one has that one laid out, painted and layered anew, and not all that is there.
 * Where there are few, a lane is one page: layers would cost more than they save.
 */
export class ClipSheets {
  #lanes                      // track id → { lane, … }
  #sheets = new Set()
  newest = null

  constructor(lanes) { this.#lanes = lanes }

  clear() {
    this.#sheets.clear()
    this.newest = null
  }

  /** A new sheet, for so many clips in so many frames drawn at this scale; the same where the newest is of that already. */
  layOut(scale, clips, frames) {
    if (this.newest?.scale === scale) return
    const wide = clips * PAGE > CROWD * frames * scale ? PAGE : Infinity
    this.newest = { scale, wide, pages: new Map(), stretched: 1 }
    this.#sheets.add(this.newest)
  }

  /** Whether so many clips crowd at the scale of now that they are on pages. */
  get isCrowded() { return this.newest.wide === PAGE }

  /** The page of a sheet that a clip which begins at frame `at` lies on: {layer, left: its pixels from the beginning}. */
  page(sheet, track, at) {
    const { wide } = sheet, place = Math.floor((at * sheet.scale) / wide), key = `${track.id}:${place}`
    let page = sheet.pages.get(key)
    if (!page) {
      page = { layer: Object.assign(document.createElement("div"), { className: "track__page" }), left: place && place * wide }
      page.layer.toggleAttribute("data-crowded", wide === PAGE)
      sheet.pages.set(key, page)
      turn(page, sheet.stretched)
      this.#lanes.get(track.id).lane.append(page.layer)
    }
    return page
  }

  /** How far the page that frame `at` lies on, or that frame where there is only one, is from frame `middle`, in pixels. */
  away(at, middle) {
    const { scale, wide } = this.newest
    const from = this.isCrowded ? (Math.floor((at * scale) / PAGE) + 0.5) * PAGE : at * scale
    return Math.abs(from - middle * scale)
  }

  /** Show every sheet at the scale of now, and drop the pages that nothing is left of. */
  stretch(scale) {
    for (const sheet of this.#sheets) {
      const stretched = scale / sheet.scale
      for (const [key, page] of sheet.pages) {
        if (!page.layer.firstChild) {
          page.layer.remove()
          sheet.pages.delete(key)
        } else if (stretched !== sheet.stretched) turn(page, stretched)
      }
      sheet.stretched = stretched
      if (sheet !== this.newest && !sheet.pages.size) this.#sheets.delete(sheet)
    }
  }
}

function turn({ layer, left }, stretched) {
  const turns = [left && `translateX(${left * stretched}px)`, stretched !== 1 && `scaleX(${stretched})`]
  layer.style.transform = turns.filter(Boolean).join(" ")
}
