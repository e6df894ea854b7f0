const PAGE = 900              // pixels of a sheet that are one layer

/**
 * What clips are drawn on. A sheet is what was drawn at one scale: after a zoom clips go over to a new one, a few in every
 * frame, and those that wait are stretched with theirs. In every lane it is cut into pages, each a layer of its own: what
 * comes onto one has that one laid out, painted and layered anew, and not all that is there.
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

  /** A new sheet, for clips drawn at this scale; the same where the newest is of that already. */
  layOut(scale) {
    if (this.newest?.scale === scale) return
    this.newest = { scale, pages: new Map(), stretched: 1 }
    this.#sheets.add(this.newest)
  }

  /** The page of a sheet that a clip which begins at frame `at` lies on: {layer, left: its pixels from the beginning}. */
  page(sheet, track, at) {
    const place = Math.floor((at * sheet.scale) / PAGE), key = `${track.id}:${place}`
    let page = sheet.pages.get(key)
    if (!page) {
      page = { layer: Object.assign(document.createElement("div"), { className: "track__page" }), left: place * PAGE }
      sheet.pages.set(key, page)
      turn(page, sheet.stretched)
      this.#lanes.get(track.id).lane.append(page.layer)
    }
    return page
  }

  /** How far the page of the newest sheet that frame `at` lies on is from frame `middle`, in pixels. */
  away(at, middle) {
    const { scale } = this.newest
    return Math.abs((Math.floor((at * scale) / PAGE) + 0.5) * PAGE - middle * scale)
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
  layer.style.transform = `translateX(${left * stretched}px)${stretched === 1 ? "" : ` scaleX(${stretched})`}`
}
