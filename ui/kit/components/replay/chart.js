// Curves on fixed axes, drawn up to a place; each curve's name is at its end.

const SVG = "http://www.w3.org/2000/svg";
const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
const APART = 17; // pixels between two names
let charts = 0;

const svgElement = (name, attributes = {}, text = "") => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

// Round numbers from low to high, about `count` of them.
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= rough);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9; at += step) {
    found.push(Number(at.toPrecision(12)));
  }
  return found;
}

// The height of a curve at a place, by straight lines between its points.
function heightAt(points, x) {
  if (!points.length || x < points[0][0]) return null;
  const after = points.findIndex(([at]) => at > x);
  if (after < 0) return points.at(-1)[1];
  const [[x0, y0], [x1, y1]] = [points[after - 1], points[after]];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0 || 1);
}

// The last point of a curve that is measured by then, or undefined.
const lastBy = (points, x) => points.findLast(([at]) => at <= x + 1e-9);

class Chart {
  constructor(svg) {
    this.svg = svg;
    this.clip = `clip-${(charts += 1)}`;
  }

  // lines: [{label, colour, points: [[x, y]], thin: [[x, y]]}]
  // frame: {title, near (0), far, low, high, xLabel, percent(y), number(x), bands}, where bands
  // are [{start, end, label}] along the axis
  // levels: [{y, label, end (whether it stands at the right)}];
  // ghost: {points, label, grows} or null; marks: [{x, y, label}];
  // crowd: [{x, y, begins}], the guesses of a class, each there once the curves are at `begins`
  set({ lines, frame, levels = [], ghost = null, marks = [], crowd = [] }) {
    Object.assign(this, { lines, frame, levels, ghost, marks, crowd });
    const { svg } = this;
    const width = svg.clientWidth || 600;
    const height = svg.clientHeight || 300;
    const longest = Math.max(0, ...lines.map((line) => line.label.length));
    const wide = width >= 560;
    const right = wide ? Math.min(190, 18 + 7.6 * longest) : 14;
    this.box = { left: 46, right: Math.max(60, width - right), top: frame.bands?.length ? 50 : 34, bottom: height - 40, wide };
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(...this.axes(), ...this.curves());
  }

  x(value) {
    const { left, right } = this.box;
    const { near = 0, far } = this.frame;
    return left + (Math.max(0, value - near) / (far - near)) * (right - left);
  }

  y(value) {
    const { top, bottom } = this.box;
    const { low, high } = this.frame;
    return bottom - ((value - low) / (high - low)) * (bottom - top);
  }

  axes() {
    const { box, frame } = this;
    const parts = [svgElement("text", { class: "title", x: 2, y: 14 }, frame.title)];
    let taken = 0; // up to where the lower row of bands' labels is
    (frame.bands ?? []).forEach(({ start, end, label }, i) => {
      const [x, far] = [this.x(start), this.x(end)];
      if (i % 2) parts.push(svgElement("rect", { class: "band", x, width: Math.max(0, far - x), y: box.top, height: Math.max(0, box.bottom - box.top) }));
      const half = 3.6 * label.length;
      const above = (x + far) / 2 - half < taken;
      if (!above) taken = (x + far) / 2 + half;
      if (far - x < 22 && !box.wide) return;
      parts.push(svgElement("text", { x: (x + far) / 2, y: box.top - (above ? 18 : 4), "text-anchor": "middle" }, label));
    });
    for (const at of ticks(frame.low, frame.high, 5)) {
      const y = this.y(at);
      parts.push(svgElement("line", { class: "grid", x1: box.left, x2: box.right, y1: y, y2: y }));
      parts.push(svgElement("text", { x: box.left - 6, y: y + 4, "text-anchor": "end" }, frame.percent(at)));
    }
    const most = Math.max(2, Math.floor((box.right - box.left) / 70));
    for (const at of ticks(frame.near ?? 0, frame.far, most)) {
      parts.push(svgElement("text", { x: this.x(at), y: box.bottom + 17, "text-anchor": "middle" }, frame.number(at)));
    }
    parts.push(svgElement("line", { class: "axis", x1: box.left, x2: box.right, y1: this.y(Math.max(0, frame.low)), y2: this.y(Math.max(0, frame.low)) }));
    parts.push(svgElement("text", { x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle" }, frame.xLabel));
    for (const level of this.levels) {
      const y = this.y(level.y);
      parts.push(svgElement("line", { class: "level", x1: box.left, x2: box.right, y1: y, y2: y }));
      const at = level.end ? { x: box.right, y: y - 6, "text-anchor": "end" } : { x: box.left + 4, y: y + 15 };
      parts.push(svgElement("text", at, level.label));
    }
    return parts;
  }

  path(points) {
    return points.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`).join(" ");
  }

  curves() {
    const clip = svgElement("clipPath", { id: this.clip });
    const { left, top, bottom } = this.box;
    this.window = svgElement("rect", { x: left - 2, y: top - 8, width: 0, height: bottom - top + 16 });
    clip.append(this.window);
    const inside = svgElement("g", { "clip-path": `url(#${this.clip})` });
    if (this.ghost) {
      const top = this.ghost.points.reduce((a, b) => (b[0] > this.frame.far ? a : b));
      this.ghostLine = svgElement("g");
      this.ghostLine.append(
        svgElement("polyline", { class: "ghost", points: this.path(this.ghost.points.filter(([x]) => x <= this.frame.far * 1.001)) }),
        svgElement("text", { x: Math.min(this.x(top[0]), this.box.right) - 4, y: this.y(top[1]) - 8, "text-anchor": "end" }, this.ghost.label));
    }
    this.lines.forEach((line, i) => {
      inside.append(svgElement("polyline", { class: "thin", points: this.path(line.thin), fill: "none", stroke: line.colour, "stroke-width": 1, opacity: 0.45 }));
      inside.append(svgElement("polyline", { class: "curve", points: this.path(line.points), fill: "none", stroke: line.colour, "stroke-width": line.faint ? 1.5 : 2.6, opacity: line.faint ? 0.75 : 1, "stroke-dasharray": line.faint ? "1 4" : DASHES[i % 4], "stroke-linejoin": "round" }));
    });
    this.ends = this.lines.map((line) => {
      const dot = svgElement("circle", { r: line.faint ? 3 : 5, fill: line.colour });
      const name = svgElement("text", { class: "name", style: `fill: ${line.colour}` }, line.label);
      return { dot, name };
    });
    // A ghost made of a curve comes with that curve; a drawn one is there from the start.
    if (this.ghost?.grows) inside.prepend(this.ghostLine);
    const before = this.ghost && !this.ghost.grows ? [this.ghostLine] : [];
    this.guesses = this.dots();
    return [clip, ...before, inside, ...this.guesses.map(({ dot }) => dot), ...this.beyond(), ...this.ends.flatMap(({ dot, name }) => [dot, name]), ...this.marks.flatMap((mark) => this.diamond(mark))];
  }

  // The guesses of a class, one above another where they lie close.
  dots() {
    const stacks = new Map();
    return this.crowd.filter(({ x }) => x <= this.frame.far * 1.001).map(({ x, y, begins }) => {
      const column = Math.round(this.x(x) / 9);
      const key = `${column} ${y}`;
      const number = stacks.get(key) ?? 0;
      stacks.set(key, number + 1);
      const cy = Math.max(this.box.top, this.y(y) - 7 - 8 * number);
      return { begins, dot: svgElement("circle", { class: "guess", cx: 9 * column, cy, r: 4 }) };
    });
  }

  // How many of them lie farther right than the axis goes.
  beyond() {
    const far = this.crowd.filter(({ x }) => x > this.frame.far * 1.001);
    if (!far.length) return [];
    const begins = Math.min(...far.map((one) => one.begins));
    const text = svgElement("text", { class: "guess-count", x: this.box.right - 2, y: this.y(far[0].y) - 6, "text-anchor": "end" }, `+${far.length} →`);
    this.guesses.push({ begins, dot: text });
    return [text];
  }

  diamond({ x, y, label }) {
    const [cx, cy] = [this.x(x), this.y(y)];
    const corners = [[0, -9], [9, 0], [0, 9], [-9, 0]];
    const points = corners.map(([dx, dy]) => `${cx + dx},${cy + dy}`).join(" ");
    const end = cx > this.box.left + 110;
    return [
      svgElement("polygon", { class: "mark", points }),
      svgElement("text", { class: "name", x: end ? cx - 12 : cx + 12, y: cy - 12, "text-anchor": end ? "end" : "start" }, label),
    ];
  }

  // Draws the curves up to a place; their dots and names are there, or at `mark`.
  draw(until, mark = until) {
    const { box } = this;
    this.window.setAttribute("width", Math.max(0, this.x(until) - box.left + 2));
    for (const { begins, dot } of this.guesses) {
      dot.setAttribute("visibility", until >= begins - 1e-6 ? "visible" : "hidden");
    }
    const names = [];
    this.lines.forEach((line, i) => {
      const { dot, name } = this.ends[i];
      const height = heightAt(line.points, mark);
      const shown = height !== null;
      for (const one of [dot, name]) one.setAttribute("visibility", shown ? "visible" : "hidden");
      if (!shown) return;
      const x = this.x(Math.min(mark, line.points.at(-1)[0]));
      const y = this.y(height);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      const above = y - 10 < box.top ? 18 : -10; // the title is up there
      names.push({ name, x, y, at: y + (box.wide ? 5 : above) });
    });
    this.place(names);
  }

  // Names one above another, in the curves' order, no two on the same place.
  place(names) {
    const { box } = this;
    names.sort((a, b) => a.y - b.y);
    for (let i = 1; i < names.length; i += 1) {
      names[i].at = Math.max(names[i].at, names[i - 1].at + APART);
    }
    const over = names.length ? names.at(-1).at - (box.bottom + 4) : 0;
    if (over > 0) for (const one of names) one.at -= over;
    for (const { name, x, at } of names) {
      const beside = box.wide || x < box.left + 120;
      name.setAttribute("x", beside ? x + 10 : x - 8);
      name.setAttribute("y", at);
      name.setAttribute("text-anchor", beside ? "start" : "end");
    }
  }
}
