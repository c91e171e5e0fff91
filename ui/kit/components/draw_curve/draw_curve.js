// One curve is given, the other is drawn by its handles: mouse, finger, arrow keys.
// data: first {label, points}, second (label), colours [first, second], places (of the
//       handles), start (the curve's height at 0), heights (or null), frame {far, low,
//       high}, levels, xLabel, title, told, words, language.
// When a handle is let go, the heights are sent; [] clears them.

const STEP = 0.01; // of the axis, that an arrow key moves a handle
const views = new WeakMap();

class DrawCurve {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.chart = new Chart(this.find(".chart"));
    this.observer = new ResizeObserver(() => this.lay());
    this.observer.observe(this.find("section"));
    this.find(".clear").onclick = () => {
      this.heights = null;
      this.lay();
      this.send("drawn", []);
    };
  }

  take(data, send) {
    this.send = send;
    const sent = JSON.stringify(data.heights);
    const fresh = sent !== this.sent;
    this.data = data;
    this.sent = sent;
    const percent = new Intl.NumberFormat(data.language, { style: "percent" });
    const number = new Intl.NumberFormat(data.language, { maximumFractionDigits: 1 });
    this.percent = (x) => percent.format(x).replace("-", "\u2212");
    this.number = (x) => number.format(x);
    if (fresh && !this.dragged) this.heights = data.heights;
    this.find("section").lang = data.language;
    this.find(".task").textContent = data.words.task;
    this.find(".clear").textContent = data.words.clear;
    this.find(".told").textContent = data.told;
    this.lay();
  }

  get shown() {
    return this.heights ?? this.data.places.map(() => this.data.start);
  }

  lay() {
    const { data, chart } = this;
    if (!data || this.dragged || !this.find(".chart").clientWidth) return;
    const focused = this.handles?.indexOf(this.find("section").getRootNode().activeElement);
    chart.set({
      lines: [{ label: data.first.label, colour: data.colours[0], points: data.first.points, thin: [] }],
      frame: {
        ...data.frame, xLabel: data.xLabel, title: data.title,
        percent: this.percent, number: this.number,
      },
      levels: data.levels,
    });
    chart.draw(data.frame.far);
    this.line = svgElement("polyline", { class: "drawn", stroke: data.colours[1] });
    this.name = svgElement("text", { class: "name", style: `fill: ${data.colours[1]}` }, data.second);
    this.handles = data.places.map((_, i) => this.handle(i));
    this.find(".chart").append(this.line, this.name, ...this.handles);
    this.draw();
    this.handles[focused]?.focus();
  }

  handle(i) {
    const group = svgElement("g", {
      class: "handle", role: "slider", tabindex: 0, "aria-orientation": "vertical",
      "aria-valuemin": Math.round(100 * this.data.frame.low),
      "aria-valuemax": Math.round(100 * this.data.frame.high),
    });
    group.append(
      svgElement("circle", { class: "grip", r: 22 }),
      svgElement("circle", { class: "dot", r: 8, stroke: this.data.colours[1] }));
    group.onpointerdown = (event) => {
      group.setPointerCapture(event.pointerId);
      this.dragged = true;
      event.preventDefault();
      group.focus();
    };
    group.onpointermove = (event) => {
      if (!group.hasPointerCapture(event.pointerId)) return;
      const { top } = this.find(".chart").getBoundingClientRect();
      const { box } = this.chart;
      const { low, high } = this.data.frame;
      const part = (box.bottom - (event.clientY - top)) / (box.bottom - box.top);
      this.move(i, low + part * (high - low));
    };
    group.onpointerup = group.onpointercancel = () => this.done();
    group.onkeydown = (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.dragged = true;
      this.move(i, this.shown[i] + step * STEP);
    };
    group.onkeyup = () => this.dragged && this.done();
    return group;
  }

  move(i, height) {
    const { low, high } = this.data.frame;
    this.heights = [...this.shown];
    this.heights[i] = Math.round(1000 * Math.min(high, Math.max(low, height))) / 1000;
    this.draw();
  }

  done() {
    this.dragged = false;
    if (this.heights && JSON.stringify(this.heights) !== this.sent) this.send("drawn", this.heights);
  }

  draw() {
    const { chart, data, shown } = this;
    const points = [[0, data.start], ...data.places.map((x, i) => [x, shown[i]])];
    this.line.setAttribute("points", chart.path(points));
    const [x, y] = [chart.x(data.places.at(-1)), chart.y(shown.at(-1))];
    const beside = chart.box.wide;
    this.name.setAttribute("x", beside ? x + 14 : x - 14);
    this.name.setAttribute("y", beside ? y + 5 : y - 14);
    this.name.setAttribute("text-anchor", beside ? "start" : "end");
    this.handles.forEach((group, i) => {
      group.setAttribute("transform", `translate(${chart.x(data.places[i])} ${chart.y(shown[i])})`);
      group.setAttribute("aria-valuenow", Math.round(100 * shown[i]));
      const said = { arm: data.second, place: this.number(data.places[i]), value: this.percent(shown[i]) };
      group.setAttribute("aria-label", data.words.handle.replace(/\{(\w+)\}/g, (all, name) => said[name] ?? all));
    });
    this.find(".clear").disabled = !this.heights;
    this.find("section").dataset.drawn = JSON.stringify(this.heights);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? new DrawCurve(parentElement);
  views.set(parentElement, view);
  view.take(data, setTriggerValue);
  return () => {
    view.observer.disconnect();
    views.delete(parentElement);
  };
}
