const kept = new Map()          // address → promise of { rate, peaks }

/** {rate: how many a second, peaks: 0 to 100 each} of a sound, or null where nothing is known of it. */
export async function waveformOf(material) {
  if (material.waveform) {
    if (!kept.has(material.waveform)) kept.set(material.waveform, fetch(material.waveform).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null))
    return kept.get(material.waveform)
  }
  if (!material.peaks?.length || !material.seconds) return null
  return { rate: material.peaks.length / material.seconds, peaks: material.peaks }
}

/** Draw the part of a sound from one second to another over the whole of a canvas. */
export function drawWaveform(canvas, { rate, peaks }, from, to, color) {
  const context = canvas.getContext("2d")
  const { width, height } = canvas
  context.clearRect(0, 0, width, height)
  context.fillStyle = color
  const step = width > 300 ? 3 : 2
  for (let x = 0; x < width; x += step) {
    const first = Math.floor((from + (to - from) * (x / width)) * rate)
    const last = Math.max(first + 1, Math.ceil((from + (to - from) * ((x + step) / width)) * rate))
    let loud = 0
    for (let n = Math.max(0, first); n < Math.min(last, peaks.length); n++) if (peaks[n] > loud) loud = peaks[n]
    const tall = Math.max(1, (loud / 100) * (height - 2))
    context.fillRect(x, (height - tall) / 2, step - 1, tall)
  }
}
