/**
 * What clips are drawn on. A sheet is what was drawn at one scale, a layer for every lane: after a zoom clips go over to a
 * new one, a few in every frame, and those that wait are stretched with theirs.
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
    const layers = new Map()
    for (const [id, { lane }] of this.#lanes) {
      const layer = Object.assign(document.createElement("div"), { className: "track__sheet" })
      layers.set(id, layer)
      lane.append(layer)
    }
    this.newest = { scale, layers, stretched: 1 }
    this.#sheets.add(this.newest)
  }

  /** Show every sheet at the scale of now, and drop those that nothing is left of. */
  stretch(scale) {
    for (const sheet of this.#sheets) {
      const layers = [...sheet.layers.values()]
      if (sheet !== this.newest && !layers.some((layer) => layer.firstChild)) {
        for (const layer of layers) layer.remove()
        this.#sheets.delete(sheet)
        continue
      }
      const stretched = scale / sheet.scale
      if (stretched !== sheet.stretched) for (const layer of layers) layer.style.transform = stretched === 1 ? "" : `scaleX(${stretched})`
      sheet.stretched = stretched
    }
  }
}
