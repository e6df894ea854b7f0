/** The context of an emptied canvas that shows its surroundings from `left` on, in pixels of the page. */
export function blank(canvas, left, wide, tall) {
  const dense = devicePixelRatio || 1
  if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(tall * dense)) {
    canvas.width = Math.round(wide * dense)
    canvas.height = Math.round(tall * dense)
    canvas.style.inlineSize = `${wide}px`
    canvas.style.blockSize = `${tall}px`
  }
  canvas.style.transform = `translateX(${left}px)`
  const context = canvas.getContext("2d")
  context.setTransform(dense, 0, 0, dense, 0, 0)
  context.clearRect(0, 0, wide, tall)
  return context
}
