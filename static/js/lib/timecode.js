/** Seconds as 00:04:07: minutes, seconds, frames. */
export function timecode(seconds, fps) {
  const frames = Math.floor(seconds * fps + 1e-6)
  const whole = Math.floor(frames / fps)
  return [Math.floor(whole / 60), whole % 60, frames % fps].map((part) => String(part).padStart(2, "0")).join(":")
}

/** Seconds as 1:07: minutes and seconds. */
export function minutes(seconds) {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
}
