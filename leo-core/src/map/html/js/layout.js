// Where tables stand in the join graph. The same graph gives the same picture.
//
//   joins → no circles → columns, parents to the right → bends for long joins → few crossings → heights → groups side by side

const NODE = { height: 42, gap: 18, between: 76, bend: 10 };

/** Places `keys`, joined by `edges` (`from` child `to` parent): `{ width, height, nodes: Map key → {x, y}, routes: [{edge, points}] }`. */
function layoutGraph(keys, edges, nodeWidth) {
  const parts = groupsOf(keys, edges).map((members) => {
    const inside = new Set(members);
    return layoutGroup(
      members,
      edges.filter((edge) => inside.has(edge.from) && inside.has(edge.to)),
      nodeWidth,
    );
  });
  return packed(parts);
}

/** Tables that are joined with each other, directly or not; large groups first. */
function groupsOf(keys, edges) {
  const group = new Map(keys.map((key) => [key, [key]]));
  for (const { from, to } of edges) {
    const [left, right] = [group.get(from), group.get(to)];
    if (left === right) continue;
    left.push(...right);
    for (const key of right) group.set(key, left);
  }
  const groups = [...new Set(group.values())].map((members) => keys.filter((key) => group.get(key) === group.get(members[0])));
  return groups.sort((a, b) => b.length - a.length);
}

function layoutGroup(keys, edges, nodeWidth) {
  const links = withoutCircles(
    keys,
    edges.filter((edge) => edge.from !== edge.to),
  );
  const { columns, nodes, chains } = inColumns(keys, links);
  uncross(columns);
  setHeights(columns);
  return measured({ columns, nodes, chains, edges, nodeWidth });
}

/** Joins read from left to right; one that would close a circle is turned around. */
function withoutCircles(keys, edges) {
  const out = new Map(keys.map((key) => [key, []]));
  for (const edge of edges) out.get(edge.from).push(edge);
  const state = new Map();
  const turned = new Set();
  const visit = (key) => {
    state.set(key, "open");
    for (const edge of out.get(key)) {
      if (state.get(edge.to) === "open") turned.add(edge);
      else if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(key, "done");
  };
  keys.forEach((key) => state.has(key) || visit(key));
  return edges.map((edge) =>
    turned.has(edge) ? { edge, left: edge.to, right: edge.from } : { edge, left: edge.from, right: edge.to },
  );
}

/** The column of each table: right of all that point at it, and no further left than it has to be. */
function columnNumbers(keys, links) {
  const after = new Map(keys.map((key) => [key, []]));
  const before = new Map(keys.map((key) => [key, []]));
  for (const { left, right } of links) {
    after.get(left).push(right);
    before.get(right).push(left);
  }
  const number = new Map(keys.map((key) => [key, 0]));
  const waiting = new Map(keys.map((key) => [key, before.get(key).length]));
  const sorted = keys.filter((key) => waiting.get(key) === 0);
  for (const key of sorted) {
    for (const next of after.get(key)) {
      number.set(next, Math.max(number.get(next), number.get(key) + 1));
      waiting.set(next, waiting.get(next) - 1);
      if (waiting.get(next) === 0) sorted.push(next);
    }
  }
  // A table with more parents than children moves towards its parents: shorter lines.
  for (const key of sorted.reverse()) {
    if (after.get(key).length > before.get(key).length)
      number.set(key, Math.min(...after.get(key).map((next) => number.get(next))) - 1);
  }
  return number;
}

/** Tables in columns, with a bend in each column that a join only passes. */
function inColumns(keys, links) {
  const number = columnNumbers(keys, links);
  const columns = [];
  const add = (column, height) => {
    const item = { column, height, before: [], after: [] };
    (columns[column] ??= []).push(item);
    return item;
  };
  const nodes = new Map(keys.map((key) => [key, add(number.get(key), NODE.height)]));
  const chains = new Map(
    links.map(({ edge, left, right }) => {
      const chain = [nodes.get(left)];
      for (let column = number.get(left) + 1; column < number.get(right); column += 1) chain.push(add(column, NODE.bend));
      chain.push(nodes.get(right));
      for (let at = 1; at < chain.length; at += 1) {
        chain[at - 1].after.push(chain[at]);
        chain[at].before.push(chain[at - 1]);
      }
      return [edge, edge.from === left ? chain : chain.toReversed()];
    }),
  );
  return { columns: columns.filter(Boolean), nodes, chains };
}

/** Sorts each column by where its neighbours stand, to and fro. */
function uncross(columns) {
  const number = (column) => column.forEach((item, at) => (item.order = at));
  columns.forEach(number);
  for (let sweep = 0; sweep < 12; sweep += 1) {
    const side = sweep % 2 ? "after" : "before";
    for (const column of sweep % 2 ? columns.toReversed() : columns) {
      for (const item of column) item.wish = item[side].length ? mean(item[side].map((other) => other.order)) : item.order;
      column.sort((a, b) => a.wish - b.wish || a.order - b.order);
      number(column);
    }
  }
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Puts each item as near to its neighbours as the others in its column let it. */
function setHeights(columns) {
  for (const column of columns) {
    let y = 0;
    for (const item of column) {
      item.y = y + item.height / 2;
      y += item.height + NODE.gap;
    }
  }
  for (let sweep = 0; sweep < 10; sweep += 1) {
    for (const column of sweep % 2 ? columns.toReversed() : columns) {
      const wishes = column.map((item) => {
        const near = [...item.before, ...item.after];
        return near.length ? mean(near.map((other) => other.y)) : item.y;
      });
      spaced(column, wishes);
    }
  }
}

/** The places nearest to the wishes that keep order and distance: neighbours in each other's way share the mean of their wishes. */
function spaced(column, wishes) {
  const offsets = [0];
  for (let at = 1; at < column.length; at += 1)
    offsets.push(offsets[at - 1] + (column[at - 1].height + column[at].height) / 2 + NODE.gap);
  const blocks = [];
  wishes.forEach((wish, at) => {
    let block = { sum: wish - offsets[at], size: 1 };
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).size >= block.sum / block.size) {
      const last = blocks.pop();
      block = { sum: block.sum + last.sum, size: block.size + last.size };
    }
    blocks.push(block);
  });
  let at = 0;
  for (const { sum, size } of blocks) {
    for (let k = 0; k < size; k += 1, at += 1) column[at].y = sum / size + offsets[at];
  }
}

/** Coordinates from the upper left corner. */
function measured({ columns, nodes, chains, edges, nodeWidth }) {
  const items = columns.flat();
  const top = Math.min(...items.map((item) => item.y - item.height / 2));
  const height = Math.max(...items.map((item) => item.y + item.height / 2)) - top;
  const step = nodeWidth + NODE.between;
  columns.forEach((column, at) =>
    column.forEach((item) => {
      item.x = at * step;
      item.y -= top;
    }),
  );
  const ports = portsOf(nodes, chains);
  const routes = edges
    .filter((edge) => chains.has(edge))
    .map((edge) => ({ edge, points: pointsOf(edge, chains.get(edge), ports, nodeWidth) }));
  const places = new Map([...nodes].map(([key, item]) => [key, { x: item.x, y: item.y - NODE.height / 2 }]));
  return { nodes: places, routes, width: (columns.length - 1) * step + nodeWidth, height };
}

/** Joins leave a table at places of their own, in the order in which they arrive elsewhere. */
function portsOf(nodes, chains) {
  const sides = new Map();
  for (const [edge, chain] of chains) {
    for (const [item, next] of [
      [chain[0], chain[1]],
      [chain.at(-1), chain.at(-2)],
    ]) {
      const side = next.x > item.x ? "right" : "left";
      if (!sides.has(item)) sides.set(item, { left: [], right: [] });
      sides.get(item)[side].push({ edge, y: next.y });
    }
  }
  const ports = new Map();
  for (const [item, { left, right }] of sides) {
    for (const side of [left, right]) {
      side.sort((a, b) => a.y - b.y);
      side.forEach(({ edge }, at) =>
        ports.set(edge, (ports.get(edge) ?? new Map()).set(item, item.y + ((at + 1) / (side.length + 1) - 0.5) * NODE.height)),
      );
    }
  }
  return ports;
}

function pointsOf(edge, chain, ports, nodeWidth) {
  const isForward = chain[1].x > chain[0].x;
  return chain.flatMap((item, at) => {
    const [start, end] = isForward ? [item.x, item.x + nodeWidth] : [item.x + nodeWidth, item.x];
    if (at === 0) return [{ x: end, y: ports.get(edge).get(item) }];
    if (at === chain.length - 1) return [{ x: start, y: ports.get(edge).get(item) }];
    return [
      { x: start, y: item.y },
      { x: end, y: item.y },
    ];
  });
}

/** Groups next to each other, in rows that are about as wide as the widest of them. */
function packed(parts) {
  const limit = Math.max(900, ...parts.map((part) => part.width));
  const whole = { width: 0, height: 0, nodes: new Map(), routes: [] };
  let [x, y, rowHeight] = [0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > limit) [x, y, rowHeight] = [0, y + rowHeight + 36, 0];
    for (const [key, place] of part.nodes) whole.nodes.set(key, { x: place.x + x, y: place.y + y });
    for (const { edge, points } of part.routes)
      whole.routes.push({ edge, points: points.map((point) => ({ x: point.x + x, y: point.y + y })) });
    rowHeight = Math.max(rowHeight, part.height);
    whole.width = Math.max(whole.width, x + part.width);
    whole.height = Math.max(whole.height, y + rowHeight);
    x += part.width + 60;
  }
  return whole;
}
