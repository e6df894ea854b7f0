/** How tall the lane of each kind of track is, in pixels. */
export const LANE = { video: 72, audio: 52, title: 38, caption: 38 }
/** Pixels; a clip that is narrower shows one still and no words. */
export const SLIM = 26
/** Pixels within which what is dragged snaps. */
export const REACH = 9
