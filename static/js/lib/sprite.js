/** Which frame of a sprite of `count` lies under `fraction` (0..1) of the picture's width. */
export const frameAt = (fraction, count) => Math.min(count - 1, Math.max(0, Math.floor(fraction * count)))

/** CSS background size and position that show frame `index` alone, in a box of the frame's shape. */
export function spriteStyle(index, columns, count) {
  const rows = Math.ceil(count / columns)
  const share = (place, places) => (places > 1 ? (place / (places - 1)) * 100 : 0)
  return {
    size: `${columns * 100}% ${rows * 100}%`,
    position: `${share(index % columns, columns)}% ${share(Math.floor(index / columns), rows)}%`,
  }
}
