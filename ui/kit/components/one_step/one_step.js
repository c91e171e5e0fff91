// One image, one layer, one training step after the other, in numbers.
// data: sums, biases, square, unit, activation, weights, momentum, decay, targets [[number,
//       name]], target, rates, rate (its number), most (steps), words, colour, language.

const views = new WeakMap();

class OneStep {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.step = 1;
    this.rate = data.rate;
    this.svg = svgElement("svg", { class: "chart", role: "img" });
    this.find(".chart-box").append(this.svg);
    this.chart = new Chart(this.svg);
    this.target = Object.assign(document.createElement("select"), { name: "target" });
    this.controls = {
      target: this.control(this.target),
      rate: this.control(Object.assign(document.createElement("input"), { type: "range", name: "rate", min: 0, step: 1 })),
      step: this.control(Object.assign(document.createElement("input"), { type: "range", name: "step", min: 1, step: 1 })),
    };
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.find("section"));
    this.take(data);
  }

  control(input) {
    const label = document.createElement("label");
    const [words, value] = [document.createElement("span"), document.createElement("span")];
    label.append(words, value, input);
    input.oninput = () => {
      this.rate = Number(this.controls.rate.input.value);
      this.step = Number(this.controls.step.input.value);
      this.draw();
    };
    this.find(".controls").append(label);
    return { input, words, value };
  }

  take(data) {
    const before = this.data;
    this.data = data;
    const { target, rate, step } = this.controls;
    this.find("section").lang = data.language;
    this.local = localNumber(data.language);
    this.percent = new Intl.NumberFormat(data.language, { style: "percent", maximumSignificantDigits: 3 });
    this.hundredths = new Intl.NumberFormat(data.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    target.words.textContent = data.words.target;
    rate.words.textContent = data.words.rate;
    step.words.textContent = data.words.step;
    rate.input.max = data.rates.length - 1;
    step.input.max = data.most;
    rate.input.value = this.rate;
    step.input.value = this.step;
    const same = before && String(before.sums) === String(data.sums);
    const chosen = same ? this.target.value : String(data.target);
    this.target.replaceChildren(...data.targets.map(([number, name]) =>
      Object.assign(document.createElement("option"), { value: number, textContent: name })));
    this.target.value = chosen;
    this.draw();
  }

  draw() {
    const { data } = this;
    const right = Number(this.target.value);
    const rate = data.rates[this.rate];
    const known = learn(data, right, rate, data.most);
    const [was, now] = [known[this.step - 1], known[this.step]];
    const show = (x, digits = 4) => general(x, digits, this.local);
    const signed = (x) => (x < 0 ? `(${show(x)})` : show(x));
    const { controls } = this;
    controls.rate.value.textContent = show(rate);
    controls.rate.input.ariaValueText = show(rate);
    controls.step.value.textContent = this.local(this.step);
    const name = data.targets.find(([number]) => number === right)[1];
    const chance = Math.log(data.sums.length);
    const gradient = data.activation * was.gradients[right];
    this.sums({
      name, step: this.local(this.step), logit: show(was.logits[right]), probability: show(was.probabilities[right]),
      loss: show(was.loss), classes: this.local(data.sums.length), chance: this.hundredths.format(chance),
      slope: show(was.gradients[right]), signed_slope: signed(was.gradients[right]),
      unit: data.unit, activation: show(data.activation), gradient: show(gradient), signed_gradient: signed(gradient),
      momentum: show(data.momentum), decay: show(data.decay), rate: show(rate),
      before: signed(was.velocity), velocity: show(now.velocity), signed_velocity: signed(now.velocity),
      weight: show(was.weight), signed_weight: signed(was.weight), weight_after: show(now.weight),
      logit_after: show(now.logits[right]), probability_after: show(now.probabilities[right]), loss_after: show(now.loss),
    });
    this.table(was, now, right);
    this.curve(known, chance);
  }

  sums(values) {
    const { words } = this.data;
    const lines = ["softmax", "entropy", "slope", "gradient", "velocity", "weight", "after"].map((which) => {
      const line = document.createElement("li");
      // **bold** words of the text.
      fillIn(words[`sum_${which}`], values).split("**").forEach((part, i) => {
        line.append(i % 2 ? Object.assign(document.createElement("b"), { textContent: part }) : part);
      });
      return line;
    });
    this.find(".sums").replaceChildren(...lines);
  }

  table(was, now, right) {
    const { data } = this;
    const cell = (text, tag = "td") => Object.assign(document.createElement(tag), { textContent: text });
    const row = (cells) => {
      const made = document.createElement("tr");
      made.append(...cells);
      return made;
    };
    const caption = Object.assign(document.createElement("caption"), { textContent: fillIn(data.words.table, { step: this.local(this.step) }) });
    const head = row(["name", "logit", "probability", "gradient", "then"].map((x) => {
      const made = cell(data.words[`column_${x}`], "th");
      made.scope = "col";
      return made;
    }));
    const rows = data.targets.map(([number, name]) => {
      const first = cell(name, "th");
      first.scope = "row";
      const made = row([
        first, cell(this.local(Number(was.logits[number].toFixed(2)))), cell(this.percent.format(was.probabilities[number])),
        cell(this.local(Number(was.gradients[number].toFixed(4)))), cell(this.percent.format(now.probabilities[number])),
      ]);
      if (number === right) made.ariaCurrent = "true";
      return made;
    });
    this.find("table").replaceChildren(caption, head, ...rows);
    this.find(".table").ariaLabel = caption.textContent;
  }

  curve(known, chance) {
    const { data } = this;
    if (!this.svg.clientWidth) return;
    const points = known.map(({ loss }, i) => [i, loss]);
    const high = Math.max(chance * 1.15, ...points.map(([, loss]) => loss * 1.05));
    this.chart.set({
      lines: [{ label: "", colour: data.colour, points, thin: [] }],
      levels: [{ y: chance, end: true, label: fillIn(data.words.level, { chance: this.hundredths.format(chance) }) }],
      frame: { near: 0, far: data.most, low: 0, high, title: data.words.loss_title, xLabel: data.words.step, percent: (x) => this.local(x), number: (x) => this.local(x) },
    });
    this.chart.draw(data.most, this.step);
    const text = { from: general(points[0][1], 3, this.local), to: general(points.at(-1)[1], 3, this.local), steps: data.most };
    this.svg.setAttribute("aria-label", fillIn(data.words.chart_alt, text));
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new OneStep(parentElement, data));
  return () => {
    views.get(parentElement)?.observer.disconnect();
    views.delete(parentElement);
  };
}
