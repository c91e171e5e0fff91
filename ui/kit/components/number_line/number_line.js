// A mark is set on a number line: mouse, finger, arrow keys.
// data: label, unset (what to do, until there is a mark), ticks [{part, text}], ends
//       [left, right], places [{part, mark, sentence}], chosen (number of a place, or
//       null), colour, language.
// When the mark is let go, the number of its place is sent.

const EDGE = 30; // pixels left and right of the line
const Y = 44; // of the line
const HALF = 11; // of the diamond
const views = new WeakMap();

function drawn(kind, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

class NumberLine {
  constructor(root) {
    this.section = root.querySelector("section");
    [this.input, this.svg] = ["input", "svg"].map((name) => root.querySelector(name));
    this.listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.svg);
  }

  listen() {
    const { input, svg } = this;
    input.oninput = () => this.move(Number(input.value));
    input.onkeydown = ({ key }) => {
      this.held = true;
      // The first key sets the mark where it stands: at the line's beginning.
      if (this.at === null && /^(Arrow|Page|Home|End)/.test(key)) this.move(0);
    };
    input.onkeyup = () => this.letGo();
    input.onblur = () => this.letGo();
    input.onchange = () => this.held || this.letGo(); // a screen reader's step
    svg.onpointerdown = (event) => {
      if (event.button) return;
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
      this.dragged = true;
      this.point(event);
    };
    svg.onpointermove = (event) => this.dragged && this.point(event);
    svg.onpointerup = () => {
      this.input.focus({ preventScroll: true, focusVisible: false });
      this.letGo();
    };
    svg.onpointercancel = () => { // the finger scrolls the page
      this.dragged = false;
      this.at = this.data.chosen;
      this.draw();
    };
  }

  take(data, send) {
    const fresh = JSON.stringify(data.chosen) !== JSON.stringify(this.data?.chosen);
    Object.assign(this, { data, send });
    this.input.max = data.places.length - 1;
    this.input.ariaLabel = data.label;
    this.section.lang = data.language;
    this.section.style.setProperty("--mark", data.colour);
    this.section.querySelector(".name").textContent = data.label;
    if (fresh) this.sent = null;
    if (this.at === undefined || (fresh && !this.dragged && !this.held)) this.at = data.chosen;
    this.draw();
  }

  x(part) {
    return EDGE + part * (this.svg.clientWidth - 2 * EDGE);
  }

  point({ clientX }) {
    const { left, width } = this.svg.getBoundingClientRect();
    const part = (clientX - left - EDGE) / (width - 2 * EDGE);
    const far = this.data.places.map((place) => Math.abs(place.part - part));
    this.move(far.indexOf(Math.min(...far)));
  }

  move(at) {
    this.at = at;
    this.draw();
  }

  letGo() {
    this.dragged = this.held = false;
    if (this.at === null || this.at === this.data.chosen || this.at === this.sent) return;
    this.sent = this.at;
    this.send("chosen", this.at);
  }

  draw() {
    const { data, svg, input } = this;
    if (!data || !svg.clientWidth) return;
    const place = data.places[this.at ?? 0];
    const sentence = this.at === null ? data.unset : place.sentence;
    this.section.className = `number-line ${this.at === null ? "unset" : "set"}${data.ends.some(Boolean) ? " ends" : ""}`;
    this.section.dataset.at = this.at ?? "";
    this.section.querySelector(".sentence").textContent = sentence;
    input.value = this.at ?? 0;
    input.ariaValueText = this.at === null ? data.unset : `${place.mark}. ${sentence}`;
    const last = this.x(1);
    const parts = [drawn("line", { class: "axis", x1: EDGE, x2: last, y1: Y, y2: Y })];
    for (const tick of data.ticks) {
      const x = this.x(tick.part);
      parts.push(drawn("line", { class: "tick", x1: x, x2: x, y1: Y - 5, y2: Y + 5 }));
      parts.push(drawn("text", { x, y: Y - 16 }, tick.text));
    }
    const x = this.x(place.part);
    const points = [[x, Y - HALF], [x + HALF, Y], [x, Y + HALF], [x - HALF, Y]];
    const mark = drawn("g", { class: "mark" });
    svg.replaceChildren(...parts, mark);
    mark.append(drawn("polygon", { points: points.join(" ") }));
    if (this.at !== null) {
      const text = drawn("text", { y: Y + 40 }, place.mark);
      mark.append(drawn("line", { x1: x, x2: x, y1: Y + HALF, y2: Y + 25 }), text);
      const half = text.getComputedTextLength() / 2;
      text.setAttribute("x", Math.min(Math.max(x, half), svg.clientWidth - half));
    }
    const [left, right] = data.ends;
    if (left) svg.append(drawn("text", { class: "end", x: 0, y: 102 }, left));
    if (right) svg.append(drawn("text", { class: "end", x: svg.clientWidth, y: 102 }, right));
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? new NumberLine(parentElement);
  views.set(parentElement, view);
  view.take(data, setTriggerValue);
  return () => {
    view.observer.disconnect();
    views.delete(parentElement);
  };
}
