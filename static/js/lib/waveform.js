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

/** Draw the part of a sound from one second to another, from `x` on; nothing before 0, or after `most`. */
export function drawWaveform(context, { rate, peaks }, from, to, { x, width, height, most }) {
  const step = width > 300 ? 3 : 2
  const begins = Math.max(0, Math.floor(-x / step) * step), ends = Math.min(width, most - x)
  for (let along = begins; along < ends; along += step) {
    const first = Math.floor((from + (to - from) * (along / width)) * rate)
    const last = Math.max(first + 1, Math.ceil((from + (to - from) * ((along + step) / width)) * rate))
    let loud = 0
    for (let n = Math.max(0, first); n < Math.min(last, peaks.length); n++) if (peaks[n] > loud) loud = peaks[n]
    const tall = Math.max(1, (loud / 100) * (height - 8))
    context.fillRect(x + along, (height - tall) / 2, step - 1, tall)
  }
}
