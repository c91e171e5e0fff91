// Activation functions, their slopes, and the slopes multiplied through layers, while one
// drags. data: kinds [relu, tanh, sigmoid], names, colours, x, layers, range [low, high, step], most (layers),
//       smallest (of what is drawn), words, language.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const KINDS = {
  relu: { value: (x) => Math.max(0, x), slope: (x) => (x > 0 ? 1 : 0) },
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
};
const views = new WeakMap();

class Slopes {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.at = data.x;
    this.layers = data.layers;
    this.charts = ["value", "slope", "product"].map((which) => {
      const svg = svgElement("svg", { class: `chart ${which}`, role: "img" });
      this.find(".charts").append(svg);
      return new Chart(svg);
    });
    this.inputs = ["x", "layers"].map((name) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "range", name });
      const value = document.createElement("span");
      const words = document.createElement("span");
      label.append(words, value, input);
      input.oninput = () => {
        [this.at, this.layers] = this.inputs.map((one) => Number(one.input.value));
        this.draw();
      };
      this.find(".sliders").append(label);
      return { input, value, words };
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.find("section"));
    this.take(data);
  }

  take(data) {
    this.data = data;
    this.find("section").lang = data.language;
    this.local = localNumber(data.language);
    this.kinds = data.kinds.map((name) => KINDS[name]);
    const [x, layers] = this.inputs;
    Object.assign(x.input, { min: data.range[0], max: data.range[1], step: data.range[2] });
    Object.assign(layers.input, { min: 1, max: data.most, step: 1 });
    x.words.textContent = data.words.x;
    layers.words.textContent = data.words.layers;
    x.input.value = this.at;
    layers.input.value = this.layers;
    this.draw();
  }

  draw() {
    const { data, at, layers } = this;
    const [low, high] = data.range;
    const signed = (x) => this.local(Number(x.toFixed(2)));
    this.inputs[0].value.textContent = signed(at);
    this.inputs[1].value.textContent = this.local(layers);
    this.inputs[0].input.ariaValueText = signed(at);
    const along = Array.from({ length: 241 }, (_, i) => low + ((high - low) * i) / 240);
    const through = this.kinds.map(({ slope }) => slope(at) ** layers);
    const text = through.map((x) => general(x, 2, this.local));
    const values = { x: signed(at), layers };
    data.kinds.forEach((name, k) => { values[name] = text[k]; });
    const curve = (which) => this.kinds.map((kind) => along.map((x) => [x, kind[which](x)]));
    const floor = Math.log10(data.smallest);
    // What is smaller than the chart's foot is not drawn.
    const products = this.kinds.map(({ slope }) => Array.from(
      { length: layers + 1 }, (_, i) => [i, slope(at) ** i],
    ).filter(([, left]) => left >= data.smallest).map(([i, left]) => [i, Math.log10(left)]));
    const plain = (x) => this.local(x);
    const shapes = [
      [curve("value"), { near: low, far: high, low: -1, high, percent: plain }, at],
      [curve("slope"), { near: low, far: high, low: 0, high: 1, percent: plain }, at],
      [products, { near: 0, far: data.most, low: floor, high: 0, percent: (x) => (x === 0 ? "1" : raised(x)) }, layers],
    ];
    ["value", "slope", "product"].forEach((which, i) => {
      const chart = this.charts[i];
      if (!chart.svg.clientWidth) return;
      const [curves, frame, mark] = shapes[i];
      chart.set({
        lines: curves.map((points, k) => ({ label: data.names[k], colour: data.colours[k], points, thin: [] })),
        frame: { ...frame, title: data.words[`${which}_title`], xLabel: which === "product" ? data.words.layers_axis : data.words.x, number: plain },
      });
      chart.draw(frame.far, mark);
      chart.svg.setAttribute("aria-label", fillIn(data.words[`${which}_alt`], values));
    });
    const lines = this.kinds.map(({ slope }, k) => {
      const line = document.createElement("li");
      const [before, after] = data.words.after.split("{name}");
      const name = Object.assign(document.createElement("b"), { textContent: data.names[k] });
      const numbers = { slope: general(slope(at), 3, this.local), layers, product: text[k] };
      line.append(fillIn(before, numbers), name, fillIn(after, numbers));
      return line;
    });
    this.find(".told").replaceChildren(...lines);
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new Slopes(parentElement, data));
  return () => {
    views.get(parentElement)?.observer.disconnect();
    views.delete(parentElement);
  };
}
