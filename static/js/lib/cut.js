// Edits of a cut (see projects/cut.py): every one takes a cut and gives a new one, or the same where it cannot be done.
// What did not change stays the same object, so that whoever draws it sees at once what did. All times are frames.
// `pace(clip)` says how many frames of its source go by in one of the cut; `room(clip)` how long it could be at most.

export const MOST_TRACKS = 24      // as projects/cut.py has it
const LETTERS = { video: "V", audio: "A", title: "T", caption: "C" }
const TRIM = { pictureEdges: ["transition", "fade_to_black"], soundEdges: ["fade_in", "fade_out"] }

export const newId = () => `c${crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 16)}`
export const end = (clip) => clip.at + clip.frames
export const lengthOf = (cut) => cut.tracks.reduce((most, track) => Math.max(most, track.clips.length ? end(track.clips.at(-1)) : 0), 0)
export const trackOf = (cut, id) => cut.tracks.find((track) => track.clips.some((clip) => clip.id === id))
export const clipOf = (cut, id) => trackOf(cut, id)?.clips.find((clip) => clip.id === id)
export const clipAt = (track, frame) => track.clips.find((clip) => clip.at <= frame && frame < end(clip))
export const sourceKey = (clip) => clip.source && `${clip.source.kind}:${clip.source.id}`

/** Which clips of a track lie, whole or in part, between two frames. */
export const between = (track, from, to) => track.clips.filter((clip) => clip.at < to && end(clip) > from)

/** A clip with the lengths of its edges no longer than itself. */
function fitted(clip) {
  const fit = { ...clip }
  for (const name of [...TRIM.soundEdges, "fade_to_black"]) fit[name] = Math.min(fit[name] ?? 0, fit.frames)
  if (fit.transition?.frames > fit.frames) fit.transition = { ...fit.transition, frames: fit.frames }
  return fit
}

const sorted = (clips) => [...clips].sort((one, other) => one.at - other.at)
const withTrack = (cut, id, change) => ({ ...cut, tracks: cut.tracks.map((track) => (track.id === id ? { ...track, ...change(track) } : track)) })

/** Another value of something of one track. */
export const changeTrack = (cut, id, changes) => withTrack(cut, id, () => changes)

/** An empty track more of a kind, after those there are: of pictures on top of them. The same where there are as many as may be. */
export function addTrack(cut, kind) {
  if (cut.tracks.length >= MOST_TRACKS) return cut
  const letter = LETTERS[kind]
  const numbers = cut.tracks.filter((track) => track.kind === kind).map(({ name }) => Number(name?.match(/^[A-Z](\d+)$/)?.[1] ?? 0))
  const name = `${letter}${Math.max(0, ...numbers) + 1}`, id = name.toLowerCase()
  const track = { id: cut.tracks.some((one) => one.id === id) ? newId() : id, kind, name, muted: false, locked: false, volume_db: 0, clips: [] }
  const last = cut.tracks.findLastIndex((one) => one.kind === kind)
  const place = last < 0 ? cut.tracks.length : last + 1
  return { ...cut, tracks: [...cut.tracks.slice(0, place), track, ...cut.tracks.slice(place)] }
}

/** A cut without a track and what lies on it. The same where the track is locked, or the last of its kind. */
export function removeTrack(cut, id) {
  const track = cut.tracks.find((one) => one.id === id)
  if (!track || track.locked || isLastOfItsKind(cut, track)) return cut
  return { ...cut, tracks: cut.tracks.filter((one) => one !== track) }
}

export const isLastOfItsKind = (cut, { kind }) => cut.tracks.filter((track) => track.kind === kind).length < 2

/** Other values of something of some clips: `changes(clip)` or an object. */
export function changeClips(cut, ids, changes) {
  const some = new Set(ids)
  return { ...cut, tracks: cut.tracks.map((track) => {
    if (track.locked || !track.clips.some((clip) => some.has(clip.id))) return track
    const clips = track.clips.map((clip) => (some.has(clip.id) ? fitted({ ...clip, ...(typeof changes === "function" ? changes(clip) : changes) }) : clip))
    return { ...track, clips }
  }) }
}

/** The part of a clip from frame `from` of the cut on, up to `to`. */
function part(clip, from, to, pace, id = clip.id) {
  const inside = Math.max(clip.at, from)
  const skipped = Math.floor((inside - clip.at) * pace(clip))
  const cut = { ...clip, id, at: inside, frames: Math.min(end(clip), to) - inside, in_frame: (clip.in_frame ?? 0) + skipped }
  if (inside > clip.at) Object.assign(cut, { transition: null, fade_in: 0 })
  if (to < end(clip)) Object.assign(cut, { fade_to_black: 0, fade_out: 0 })
  return fitted(cut)
}

/** The clips of a track without what lies between two frames. */
function carved(clips, from, to, pace) {
  return clips.flatMap((clip) => {
    if (clip.at >= to || end(clip) <= from) return [clip]
    const left = clip.at < from ? [part(clip, clip.at, from, pace)] : []
    const right = end(clip) > to ? [part(clip, to, end(clip), pace, left.length ? newId() : clip.id)] : []
    return [...left, ...right]
  })
}

/** Lay clips into a track, over what is there. */
export function overwrite(cut, trackId, clips, pace) {
  return withTrack(cut, trackId, (track) => {
    let rest = track.clips
    for (const clip of clips) rest = carved(rest, clip.at, end(clip), pace)
    return { clips: sorted([...rest, ...clips.map(fitted)]) }
  })
}

/** Lay a clip into a track and push what follows it to the right, on this track alone; a clip that is on is split. */
export function insert(cut, trackId, clip, pace) {
  return withTrack(cut, trackId, (track) => {
    const before = track.clips.flatMap((one) => (end(one) <= clip.at ? [one] : one.at < clip.at ? [part(one, one.at, clip.at, pace)] : []))
    const after = track.clips.flatMap((one) => (one.at >= clip.at ? [one] : end(one) > clip.at ? [part(one, clip.at, end(one), pace, newId())] : []))
    return { clips: [...before, fitted(clip), ...after.map((one) => ({ ...one, at: one.at + clip.frames }))] }
  })
}

/** Take clips out; with `ripple` what follows each on its track closes up. */
export function remove(cut, ids, { ripple = false } = {}) {
  const gone = new Set(ids)
  return { ...cut, tracks: cut.tracks.map((track) => {
    if (track.locked || !track.clips.some((clip) => gone.has(clip.id))) return track
    let closed = 0
    const clips = []
    for (const clip of track.clips) {
      if (gone.has(clip.id)) closed += ripple ? clip.frames : 0
      else clips.push(closed ? { ...clip, at: clip.at - closed } : clip)
    }
    return { ...track, clips }
  }) }
}

/** Take out what lies between two frames of every track that is not locked, and close up where `ripple` says so. */
export function extract(cut, from, to, pace, { ripple = true } = {}) {
  const shift = ripple ? to - from : 0
  const tracks = cut.tracks.map((track) => {
    if (track.locked) return track
    const clips = carved(track.clips, from, to, pace).map((clip) => (shift && clip.at >= to ? { ...clip, at: clip.at - shift } : clip))
    return { ...track, clips }
  })
  const markers = cut.markers.filter(({ at }) => at < from || at >= to || !shift).map((one) => (one.at >= to ? { ...one, at: one.at - shift } : one))
  return { ...cut, tracks, markers }
}

/** Close the gap of a track in which a frame lies. */
export function closeGap(cut, trackId, frame) {
  return withTrack(cut, trackId, (track) => {
    const { from, to } = gapAt(track, frame) ?? {}
    if (to === undefined) return {}
    return { clips: track.clips.map((clip) => (clip.at >= to ? { ...clip, at: clip.at - (to - from) } : clip)) }
  })
}

/** {from, to} of the gap before a clip of a track in which a frame lies; null where a clip lies, or none follows. */
export function gapAt(track, frame) {
  if (clipAt(track, frame)) return null
  const after = track.clips.find((clip) => clip.at > frame)
  if (!after) return null
  return { from: track.clips.reduce((last, clip) => (end(clip) <= frame ? end(clip) : last), 0), to: after.at }
}

/** All gaps between the clips of a track. */
export function gaps(track) {
  let last = 0
  return track.clips.flatMap((clip) => {
    const gap = clip.at > last ? [{ from: last, to: clip.at }] : []
    last = end(clip)
    return gap
  })
}

/** Move clips by so many frames and, where one alone is moved, to another track of its kind; over what is there. */
export function move(cut, ids, by, { to, pace }) {
  const moved = new Set(ids)
  const all = cut.tracks.flatMap((track) => (track.locked ? [] : track.clips.filter((clip) => moved.has(clip.id)).map((clip) => [track, clip])))
  if (!all.length) return cut
  const shift = Math.max(by, -Math.min(...all.map(([, clip]) => clip.at)))
  const target = to && cut.tracks.find(({ id }) => id === to)
  let next = remove(cut, ids)
  for (const [track, clip] of all) {
    const lane = target && !target.locked && target.kind === track.kind ? target : track
    next = overwrite(next, lane.id, [{ ...clip, at: clip.at + shift }], pace)
  }
  return next
}

/** Let a clip begin or end elsewhere, `by` frames later; with `ripple` what follows on its track goes along. */
export function trim(cut, id, edge, by, { pace, room, ripple = false }) {
  const track = trackOf(cut, id)
  if (!track || track.locked) return cut
  const place = track.clips.findIndex((clip) => clip.id === id)
  const clip = track.clips[place]
  const before = track.clips[place - 1], after = track.clips[place + 1]
  if (edge === "start") {
    const earliest = clip.source ? -Math.floor((clip.in_frame ?? 0) / pace(clip) + 1e-9) : -clip.at
    const free = ripple ? -Infinity : (before ? end(before) : 0) - clip.at
    const shift = Math.min(Math.max(by, free, earliest), clip.frames - 1)
    const source = Math.max(0, (clip.in_frame ?? 0) + Math.round(shift * pace(clip)))
    const trimmed = fitted({ ...clip, frames: clip.frames - shift, in_frame: clip.source ? source : 0, at: ripple ? clip.at : clip.at + shift })
    return withTrack(cut, track.id, () => ({ clips: track.clips.map((one, n) => (n === place ? trimmed : ripple && n > place ? { ...one, at: one.at - shift } : one)) }))
  }
  const free = ripple || !after ? Infinity : after.at - end(clip)
  const shift = Math.max(Math.min(by, free, room(clip) - clip.frames), 1 - clip.frames)
  const trimmed = fitted({ ...clip, frames: clip.frames + shift })
  return withTrack(cut, track.id, () => ({ clips: track.clips.map((one, n) => (n === place ? trimmed : ripple && n > place ? { ...one, at: one.at + shift } : one)) }))
}

/** Show another part of a clip's source, `by` frames of the cut later, in the same place and as long. */
export function slip(cut, id, by, { pace, room }) {
  const clip = clipOf(cut, id)
  if (!clip?.source) return cut
  const now = clip.in_frame ?? 0
  const latest = now + Math.floor((room(clip) - clip.frames) * pace(clip))
  const then = Math.max(0, Math.min(now + Math.round(by * pace(clip)), Math.max(now, latest)))
  return then === now ? cut : changeClips(cut, [id], { in_frame: then })
}

/** Split at a frame: these clips, or where none is named those of all tracks that are not locked. */
export function split(cut, frame, pace, ids = null) {
  const some = ids && new Set(ids)
  return { ...cut, tracks: cut.tracks.map((track) => {
    const clip = !track.locked && clipAt(track, frame)
    if (!clip || clip.at === frame || (some && !some.has(clip.id))) return track
    const right = part(clip, frame, end(clip), pace, newId())
    return { ...track, clips: track.clips.flatMap((one) => (one === clip ? [part(clip, clip.at, frame, pace), right] : [one])) }
  }) }
}

/** Another speed of a clip: the same part of its source, so it becomes longer or shorter, as far as there is place. */
export function retime(cut, id, speed, { ripple = true, room }) {
  const track = trackOf(cut, id), clip = clipOf(cut, id)
  if (!clip?.source || track.locked) return cut
  const wanted = Math.max(1, Math.round((clip.frames * (clip.speed ?? 1)) / speed))
  const after = track.clips[track.clips.indexOf(clip) + 1]
  const frames = Math.min(ripple || !after ? wanted : Math.min(wanted, after.at - clip.at), room({ ...clip, speed }))
  const shift = frames - clip.frames
  return withTrack(cut, track.id, () => ({ clips: track.clips.map((one) => {
    if (one === clip) return fitted({ ...clip, speed, frames })
    return ripple && one.at > clip.at ? { ...one, at: one.at + shift } : one
  }) }))
}

/** The same film at another number of frames a second: every clip as long, in the same place, to the nearest frame. */
export function atRate(cut, fps, { pace }) {
  const share = fps / cut.fps
  const to = (frame) => Math.round(frame * share)
  const edges = (clip) => Object.fromEntries(["fade_in", "fade_out", "fade_to_black"].map((name) => [name, to(clip[name] ?? 0)]))
  return { ...cut, fps,
    markers: cut.markers.map((marker) => ({ ...marker, at: to(marker.at) })),
    tracks: cut.tracks.map((track) => ({ ...track, clips: track.clips.map((clip) => {
      const at = to(clip.at)
      const transition = clip.transition && { ...clip.transition, frames: Math.max(1, to(clip.transition.frames)) }
      // The beginning of a sound is counted in frames of the cut, that of a clip in its own.
      const isSound = Math.abs(pace(clip) - (clip.speed ?? 1)) < 1e-9 && track.kind === "audio"
      return fitted({ ...clip, ...edges(clip), at, frames: Math.max(1, to(end(clip)) - at), transition, in_frame: isSound ? to(clip.in_frame ?? 0) : clip.in_frame ?? 0 })
    }) })) }
}

/** Where something that is moved can come to rest: edges of other clips, markers, the beginning, the playhead. */
export function snapPoints(cut, { without = [], playhead = null } = {}) {
  const left = new Set(without)
  const points = new Set([0, ...cut.markers.map(({ at }) => at)])
  if (playhead !== null) points.add(playhead)
  for (const track of cut.tracks) for (const clip of track.clips) if (!left.has(clip.id)) points.add(clip.at).add(end(clip))
  return [...points].sort((one, other) => one - other)
}

/** By how much more to move so that one of `edges` rests on a point within `reach` frames; 0 where none is near. */
export function snap(edges, points, reach) {
  let best = 0, nearest = reach + 1e-9
  for (const edge of edges) {
    for (const point of points) {
      const away = Math.abs(point - edge)
      if (away < nearest) [best, nearest] = [point - edge, away]
    }
  }
  return best
}

/** Every frame where a clip of a video track, or where there are none of any track, begins or ends. */
export function edits(cut) {
  const shown = cut.tracks.some((track) => track.kind === "video" && track.clips.length) ? ["video"] : ["video", "audio", "title", "caption"]
  const points = new Set([0])
  for (const track of cut.tracks) if (shown.includes(track.kind)) for (const clip of track.clips) points.add(clip.at).add(end(clip))
  return [...points].sort((one, other) => one - other)
}

/** What is kept and sent: a cut without values that say nothing. */
export function compact(cut) {
  const defaults = { in_frame: 0, speed: 1, volume_db: 0, muted: false, fade_in: 0, fade_out: 0, transition: null, fade_to_black: 0, text: "", style: "centre", source: null }
  const slim = (clip) => Object.fromEntries(Object.entries(clip).filter(([name, value]) => !(name in defaults) || value !== defaults[name]))
  return { ...cut, tracks: cut.tracks.map((track) => ({ ...track, clips: track.clips.map(slim) })) }
}
