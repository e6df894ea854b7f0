// Where the nodes of a drawn graph lie to each other.

const AWAY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/** The node that is nearest to `node` in the direction of an arrow key; what lies aside counts double. None: null. */
export function nearest(node, nodes, key) {
  const [across, down] = AWAY[key]
  const [x, y] = middle(node)
  let best = null
  for (const other of nodes) {
    const [dx, dy] = [middle(other)[0] - x, middle(other)[1] - y]
    const ahead = dx * across + dy * down
    const aside = Math.abs(dx * down + dy * across)
    if (other === node || ahead <= 1) continue
    const far = ahead + 2 * aside
    if (!best || far < best.far) best = { other, far }
  }
  return best && best.other
}

/** The path of a line, one end of which was moved. */
export function shifted(path, isStart, dx, dy) {
  const [x1, y1, , , , , x2, y2] = path.match(/-?\d+(\.\d+)?/g).map(Number)
  const [ax, ay] = isStart ? [x1 + dx, y1 + dy] : [x1, y1]
  const [bx, by] = isStart ? [x2, y2] : [x2 + dx, y2 + dy]
  const pull = Math.max(36, Math.abs(bx - ax) / 2)
  return `M${ax} ${ay}C${ax + pull} ${ay} ${bx - pull} ${by} ${bx} ${by}`
}

function middle(node) {
  const box = node.querySelector("rect").getBBox()
  return [Number(node.dataset.x) + box.width / 2, Number(node.dataset.y) + box.height / 2]
}
