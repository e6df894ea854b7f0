// How the element of a clip looks: {node, and the parts of it that are there when they are to be seen: strip, name, note}.
import { spriteStyle } from "lib/sprite"
import { timecode } from "lib/timecode"
import { LANE, SLIM } from "lib/track-sizes"
import { fill } from "lib/words"

const LETTER = 6.6, NAME_EDGE = 14     // pixels of a letter of a clip's name, and around it

/** What it is, in words: what it is called, and what is to be said of its take. */
export function label({ node, note }, track, clip, material, fps, words) {
  node.dataset.kind = track.kind
  node.dataset.state = material?.state ?? (clip.source ? "none" : "ready")
  node.toggleAttribute("data-muted", Boolean(clip.muted))
  const name = clip.source ? [material?.mark, material?.name].filter(Boolean).join(" ") || words.gone : clip.text || words.empty
  node.setAttribute("aria-label", fill(words.clip, { name, from: timecode(clip.at / fps, fps), length: timecode(clip.frames / fps, fps) }))
  node.title = name
  const notes = []
  if (material?.rewritten) notes.push(words.rewritten)
  else if (material?.stale) notes.push(words.stale)
  if (material?.state === "running") notes.push(words.running)
  if (clip.source && (!material || material.state === "none")) notes.push(words.none)
  if ((clip.speed ?? 1) !== 1) notes.push(`${Math.round(clip.speed * 100)} %`)
  note.textContent = notes.join(" · ")
  node.toggleAttribute("data-transition", Boolean(clip.transition))
}

/** What of its looks depends on how long it is on the screen. */
export function stretch(known, track, clip, width, scale) {
  const { node, strip, name, note } = known
  const isSlim = (known.isSlim = width < SLIM)
  node.toggleAttribute("data-slim", isSlim)
  // What is not to be seen is not there: each of hundreds would have to be styled.
  if (isSlim) node.replaceChildren()
  else {
    if (track.kind === "video" && strip.parentNode !== node) node.prepend(strip)
    const letters = Math.floor((width - 2 * NAME_EDGE) / LETTER)
    const said = node.title.length > letters ? `${node.title.slice(0, Math.max(1, letters - 1)).trimEnd()}…` : node.title
    if (name.textContent !== said) name.textContent = said
    if (name.parentNode !== node) node.append(name)
    if (!note.textContent) note.remove()
    else if (note.parentNode !== node) node.append(note)
  }
  const fading = Math.max(clip.fade_out ?? 0, clip.fade_to_black ?? 0)
  node.toggleAttribute("data-fades", fading > 0)
  if (clip.transition) node.style.setProperty("--transition", `${clip.transition.frames * scale}px`)
  if (fading) node.style.setProperty("--fade-out", `${fading * scale}px`)
}

/** Stills of the clip along its length, out of its sprite; one alone is drawn on the strip itself, or on a slim clip's own ground. */
export function dress({ node, strip, clip, material, width, sheet: { scale }, isSlim }, pace) {
  const sprite = material?.sprite && material.count
  const tall = LANE.video - 8, wide = Math.max(24, tall * (material?.ratio || 16 / 9))
  const cells = sprite || material?.poster ? Math.min(160, Math.max(1, Math.ceil(width / wide))) : 0
  const apart = cells > 1 ? cells : 0
  while (strip.childElementCount > apart) strip.lastElementChild.remove()
  while (strip.childElementCount < apart) strip.append(document.createElement("i"))
  const ground = isSlim ? node : strip
  for (const other of [node, strip]) if ((cells !== 1 || other !== ground) && other.style.backgroundImage) other.style.backgroundImage = ""
  for (const [n, cell] of (cells === 1 ? [ground] : [...strip.children]).entries()) {
    // The last one ends with the clip: what has nothing to cut off is drawn far quicker.
    if (apart) cell.style.inlineSize = n === cells - 1 ? `${width - n * wide}px` : `${wide}px`
    const image = sprite ? `url("${material.sprite}")` : `url("${material.poster}")`
    if (cell.style.backgroundImage !== image) cell.style.backgroundImage = image
    if (!sprite) { cell.style.backgroundSize = `${wide}px ${tall}px`; continue }
    const source = (clip.in_frame ?? 0) + ((n * wide) / scale) * pace
    const index = Math.min(material.count - 1, Math.max(0, Math.round((source / Math.max(1, material.frames - 1)) * (material.count - 1))))
    const { size, position } = spriteStyle(index, material.columns, material.count)
    const [across, down] = size.split(" ").map((part) => parseFloat(part) / 100), [x, y] = position.split(" ").map((part) => parseFloat(part) / 100)
    cell.style.backgroundSize = `${across * wide}px ${down * tall}px`
    cell.style.backgroundPosition = `${-x * (across - 1) * wide}px ${-y * (down - 1) * tall}px`
  }
}
