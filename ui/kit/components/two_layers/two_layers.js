// Two layers and what stands between them, against the one layer that they fold into.
// data: first, biases, second, bias, folded [weight, bias], x, range [low, high, step],
//       height [low, high], words, colours, language.

const views = new WeakMap();
const BETWEEN = {
  none: (x) => x,
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

class TwoLayers {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.at = data.x;
    this.kind = "none";
    this.svg = svgElement("svg", { class: "chart", role: "img" });
    this.find(".chart-box").append(this.svg);
    this.chart = new Chart(this.svg);
    this.choices = Object.keys(BETWEEN).map((kind) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "between", value: kind, checked: kind === this.kind });
      const words = document.createElement("span");
      input.onchange = () => {
        this.kind = kind;
        this.draw();
      };
      label.append(input, words);
      this.find(".kinds").append(label);
      return { kind, words };
    });
    this.input = this.find(".input input");
    this.input.oninput = () => {
      this.at = Number(this.input.value);
      this.draw();
    };
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.find("section"));
    this.take(data);
  }

  take(data) {
    this.data = data;
    this.find("section").lang = data.language;
    this.local = localNumber(data.language);
    this.find("legend").textContent = data.words.between;
    for (const { kind, words } of this.choices) words.textContent = data.words[`kind_${kind}`];
    this.find(".input span").textContent = data.words.x;
    const [min, max, step] = data.range;
    Object.assign(this.input, { min, max, step });
    this.input.value = this.at;
    this.draw();
  }

  hidden(x) {
    const { first, biases } = this.data;
    return first.map((weight, i) => weight * x + biases[i]);
  }

  output(x) {
    const { second, bias } = this.data;
    return this.hidden(x).reduce((sum, h, i) => sum + second[i] * BETWEEN[this.kind](h), bias);
  }

  // "2 × 1.5 + 1": brackets round what is negative.
  written(terms, bias) {
    const { local } = this;
    const each = terms.map(([weight, x]) => `${local(weight)} × ${x < 0 ? `(${local(x)})` : local(x)}`);
    return `${each.join(" + ")} ${bias < 0 ? "\u2212" : "+"} ${local(Math.abs(bias))}`;
  }

  draw() {
    const { data, at } = this;
    const { words } = data;
    const round = (x) => Number(x.toFixed(3));
    const value = this.find(".value");
    value.textContent = this.local(at);
    this.input.ariaValueText = this.local(at);
    const [low, high] = data.range;
    const [weight, bias] = data.folded;
    const hidden = this.hidden(at);
    const passed = hidden.map((h) => round(BETWEEN[this.kind](h)));
    const [two, one] = [round(this.output(at)), round(weight * at + bias)];
    const between = words[`kind_${this.kind}`];
    const lines = hidden.map((h, i) => fillIn(words[this.kind === "none" ? "unit" : "unit_after"], {
      number: i + 1, sum: this.written([[data.first[i], at]], data.biases[i]),
      value: this.local(round(h)), between, passed: this.local(passed[i]),
    }));
    const terms = data.second.map((w, i) => [w, passed[i]]);
    lines.push(fillIn(words.output, { sum: this.written(terms, data.bias), value: this.local(two) }));
    lines.push(fillIn(words.folded, { sum: this.written([[weight, at]], bias), value: this.local(one) }));
    const items = lines.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
    const verdict = Object.assign(document.createElement("li"), {
      className: "verdict", textContent: fillIn(words[this.kind === "none" ? "same" : "bent"], { between }),
    });
    this.find(".sums").replaceChildren(...items, verdict);
    if (!this.svg.clientWidth) return;
    const along = Array.from({ length: 241 }, (_, i) => low + ((high - low) * i) / 240);
    const plain = (x) => this.local(x);
    this.chart.set({
      lines: [
        { label: words.two, colour: data.colours[0], points: along.map((x) => [x, this.output(x)]), thin: [] },
        { label: words.one, colour: data.colours[1], points: along.map((x) => [x, weight * x + bias]), thin: [] },
      ],
      frame: { near: low, far: high, low: data.height[0], high: data.height[1], title: words.chart, xLabel: words.x, percent: plain, number: plain },
    });
    this.chart.draw(high, at);
    this.svg.setAttribute("aria-label", fillIn(words[this.kind === "none" ? "alt_same" : "alt_bent"], {
      between, x: this.local(at), two: this.local(two), one: this.local(one),
    }));
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new TwoLayers(parentElement, data));
  return () => {
    views.get(parentElement)?.observer.disconnect();
    views.delete(parentElement);
  };
}
