// How one activation came about: frame, patch, kernel, products, sum, activation.
// data: activations (address), kernels (address before layer/unit), layer, unit, alt,
//       words, language, channels (names), colours {viridis, diverging} (base64).
// Nothing here asks the server to run the page again.

const STRONGEST = 2; // terms shown of each sign, where there are more than THREE
const THREE = 3;
const INPUTS = 5; // of a dense layer, of each sign
const SECONDS = 12; // that playing a whole map takes
const views = new WeakMap();
const nets = new Map(); // by address: what was fetched, or is being fetched
const slices = new Map();

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.arrayBuffer();
}

// The newest `most` answers by address; a failed one is asked for again.
function kept(store, address, most, read) {
  const found = store.get(address) ?? fetched(address).then(read);
  store.delete(address);
  store.set(address, found);
  found.catch(() => store.delete(address));
  if (store.size > most) store.delete(store.keys().next().value);
  return found;
}

const fill = (text, values) =>
  (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const decode = (text) => Uint8Array.from(atob(text), (x) => x.charCodeAt(0));

class View {
  constructor(root, data) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.at = { layer: null, unit: 0, row: 0, column: 0 };
    this.trail = []; // where one came from
    this.channel = null; // whose input map is shown beside
    this.listen();
    this.take(data);
  }

  // What the page says; a choice made in here stays until the page's own changes.
  take(data) {
    const given = `${data.activations} ${data.layer} ${data.unit}`;
    this.data = data;
    this.words = data.words;
    this.colours = {
      viridis: decode(data.colours.viridis), diverging: decode(data.colours.diverging),
    };
    const figures = { maximumSignificantDigits: 3, useGrouping: true };
    const format = new Intl.NumberFormat(data.language, figures);
    const count = new Intl.NumberFormat(data.language);
    this.number = (x) =>
      format.format(Math.abs(x) < 5e-7 ? 0 : x).replace("-", "\u2212");
    this.count = (x) => count.format(x);
    // In a cell there is room for five letters.
    const short = [3, 1, 0].map((digits) =>
      new Intl.NumberFormat(data.language, { maximumFractionDigits: digits }));
    this.short = (x) => {
      const size = Math.abs(x) < 1 ? 0 : Math.abs(x) < 10 ? 1 : 2;
      return short[size].format(Math.abs(x) < 5e-4 ? 0 : x).replace("-", "\u2212");
    };
    const percent = { style: "percent", maximumFractionDigits: 1, minimumFractionDigits: 1 };
    this.percent = new Intl.NumberFormat(data.language, percent).format;
    this.find(".layer-label").textContent = this.words.layer;
    this.find(".step").textContent = this.words.step;
    this.find(".strongest").textContent = this.words.strongest;
    this.find(".back").textContent = this.words.back;
    this.find("section").lang = data.language;
    this.playing(false);
    if (given === this.given) return this.ready?.then(() => this.draw());
    this.given = given;
    this.load();
  }

  load() {
    const { activations, layer, unit } = this.data;
    this.say(this.words.loading);
    this.ready = kept(nets, activations, 2, (buffer) => unpack(buffer)).then((net) => {
      if (this.data.activations !== activations) return;
      this.net = net;
      this.photo = photograph(net);
      this.say("");
      this.find("section").hidden = false;
      const names = [...net.stages.keys()].slice(1);
      this.find(".layer").replaceChildren(...names.map((name) => new Option(name, name)));
      this.trail = [];
      this.open(names.includes(layer) ? layer : names[0], unit, null, false);
    }).catch(() => this.say(this.words.failed));
  }

  say(text) {
    this.find(".status").textContent = text;
  }

  get stage() {
    return this.net.stages.get(this.at.layer);
  }

  get input() {
    return this.net.stages.get(this.stage.input);
  }

  // Opens a unit at a position; without one, where its map is strongest.
  open(layer, unit, place = null, remember = true) {
    if (remember) this.trail.push({ ...this.at });
    const stage = this.net.stages.get(layer);
    const units = size(stage)[2];
    const inside = Math.min(units - 1, Math.max(0, unit ?? 0));
    this.map = mapOf(stage, inside);
    const [row, column] = place ?? strongest(this.map);
    this.at = { layer, unit: inside, row, column };
    this.channel = null;
    this.picture = stage.shape.length === 3 ? mapPicture(this.map, this.colours) : null;
    this.playing(false);
    this.find(".layer").value = layer;
    this.find(".unit").max = units - 1;
    this.find(".unit").value = inside;
    this.find(".unit-label").textContent = fill(
      stage.shape.length === 3 ? this.words.map : this.words.unit,
      { last: this.count(units - 1) });
    this.find(".back").disabled = !this.trail.length;
    this.weights().then(() => this.draw()).catch(() => this.say(this.words.failed));
  }

  // The weights of the unit, where its layer has any.
  async weights() {
    const { layer, unit } = this.at;
    this.slice = null;
    if (!["conv", "dense"].includes(this.stage.kind)) return;
    const address = `${this.data.kernels}${layer}/${unit}`;
    const slice = await kept(slices, address, 200, (x) => new Float32Array(x));
    if (this.at.layer === layer && this.at.unit === unit) this.slice = slice;
  }

  move(row, column) {
    const [height, width] = size(this.stage);
    this.at.row = Math.min(height - 1, Math.max(0, row));
    this.at.column = Math.min(width - 1, Math.max(0, column));
    this.draw();
  }

  // --- playing ----------------------------------------------------------------------

  playing(on) {
    cancelAnimationFrame(this.timer);
    this.painted = on ? 0 : null;
    this.find(".play").textContent = on ? this.words.pause : this.words.play;
    this.find(".play").setAttribute("aria-pressed", String(on));
    if (!on) return;
    const [height, width] = size(this.stage);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = performance.now();
    const tick = (now) => {
      const part = still ? 1 : Math.min(1, (now - start) / 1000 / SECONDS);
      const at = Math.min(height * width - 1, Math.floor(part * height * width));
      this.painted = [Math.floor(at / width), at % width];
      this.move(...this.painted);
      if (part < 1) this.timer = requestAnimationFrame(tick);
      else {
        this.playing(false);
        this.draw();
      }
    };
    this.timer = requestAnimationFrame(tick);
  }

  // --- drawing ----------------------------------------------------------------------

  draw() {
    const { stage, at } = this;
    if (["conv", "dense"].includes(stage.kind) && !this.slice) return;
    this.measure();
    this.find(".sentence").textContent = "";
    this.find(".cell").textContent = "";
    this.find(".classes").replaceChildren();
    const draw = {
      conv: () => this.drawConvolution(), dense: () => this.drawDense(),
      pool: () => this.drawPooling(), normalise: () => this.drawNormalisation(),
      activation: () => this.drawActivation(),
    };
    draw[stage.kind]();
    this.drawMaps();
    const own = activation(stage, at.unit, at.row, at.column);
    Object.assign(this.find("section").dataset, { drawn: at.layer, value: this.value, own });
  }

  // What is shown for this layer, and how large: read once, for reading makes the
  // browser lay the page out.
  measure() {
    if (this.measured === this.stage) return;
    this.measured = this.stage;
    const isMap = this.stage.shape.length === 3;
    this.find(".before").hidden = this.stage.input === "input" || !isMap;
    this.find(".output").hidden = !isMap;
    for (const name of ["step", "play", "strongest"]) this.find(`.${name}`).disabled = !isMap;
    this.room = this.find(".sum").clientWidth || 330;
    this.side = this.find(".photo canvas").clientWidth || 250;
  }

  place(values = {}) {
    const { at, stage } = this;
    const [rows, columns] = size(stage);
    return {
      layer: at.layer, input: stage.input, unit: at.unit, row: at.row + 1,
      column: at.column + 1, rows, columns, ...values,
    };
  }

  drawMaps() {
    const { stage, at, words } = this;
    const isMap = stage.shape.length === 3;
    const first = stage.input === "input";
    const [photo, before, output] = ["photo", "before", "output"].map((x) => this.find(`.${x}`));
    const box = isMap ? receptiveField(this.net, stage, at.row, at.column) : null;
    drawPicture(photo.querySelector("canvas"), this.photo, this.side, true);
    placeFrame(photo.querySelector(".frame"), box, this.photo);
    photo.classList.toggle("still", !first);
    photo.querySelector("canvas").role = "img";
    photo.querySelector("canvas").ariaLabel = this.data.alt;
    photo.querySelector("figcaption").textContent = isMap
      ? fill(words.photo, { height: box[2] - box[0], width: box[3] - box[1] })
      : words.photo_whole;
    if (!isMap) return;
    if (!first) {
      const channel = this.channel ?? at.unit;
      if (this.beforeOf !== `${stage.input} ${channel} ${this.given}`) {
        this.beforePicture = mapPicture(mapOf(this.input, channel), this.colours);
        this.beforeOf = `${stage.input} ${channel} ${this.given}`;
      }
      const kernel = stage.kernel ?? 1;
      const [top, left] = stage.kernel ? corner(stage, at.row, at.column) : [at.row, at.column];
      const canvas = before.querySelector("canvas");
      drawPicture(canvas, this.beforePicture, this.side, false);
      placeFrame(
        before.querySelector(".frame"), [top, left, top + kernel, left + kernel],
        this.beforePicture);
      canvas.role = "img";
      const caption = fill(words.before, { input: stage.input, channel });
      canvas.ariaLabel = caption;
      before.querySelector("figcaption").textContent = caption;
    }
    const canvas = output.querySelector("canvas");
    drawPicture(canvas, this.picture, this.side, false, this.painted || null);
    placeFrame(
      output.querySelector(".frame"), [at.row, at.column, at.row + 1, at.column + 1],
      this.picture);
    const [height, width] = size(stage);
    const caption = fill(words.output, this.place({ value: this.number(this.value) }));
    canvas.ariaLabel = fill(words.output_label, this.place());
    canvas.ariaValueMax = height * width - 1;
    canvas.ariaValueNow = at.row * width + at.column;
    canvas.ariaValueText = caption;
    output.querySelector("figcaption").textContent = caption;
  }

  // The two largest terms of each sign and the rest; all of them where they are few.
  chosen(terms, each) {
    if (terms.length <= Math.max(THREE, 2 * each)) return [terms, []];
    const sorted = [...terms].sort((a, b) => b[1] - a[1]);
    const plus = sorted.slice(0, each).filter(([, x]) => x > 0);
    const minus = sorted.slice(-each).reverse().filter(([, x]) => x < 0);
    const shown = new Set([...plus, ...minus].map(([channel]) => channel));
    return [[...plus, ...minus], terms.filter(([channel]) => !shown.has(channel))];
  }

  drawConvolution() {
    const { stage, at, net, words } = this;
    const found = convolution(net, stage, at.unit, this.slice, at.row, at.column);
    const [first, count] = channelsRead(net, stage, at.unit);
    const [shown, rest] = this.chosen(found.terms, STRONGEST);
    this.channel ??= shown[0]?.[0] ?? first;
    const squares = shown.map(([channel, sum]) => {
      const numbers = patch(net, stage, at.row, at.column, channel);
      const kernel = this.kernelAt(channel - first, count);
      return { channel, sum, numbers, kernel, products: numbers.map((x, i) => x * kernel[i]) };
    });
    const top = (name) => Math.max(...squares.flatMap((x) => Array.from(x[name], Math.abs)));
    const kernel = this.slice.subarray(0, -1).reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    const tops = { numbers: top("numbers"), kernel, products: top("products") };
    const most = Math.max(...found.terms.map(([, x]) => Math.abs(x)));
    this.rows(squares.length).forEach((row, i) => this.drawTerm(row, squares[i], tops, most));
    const relu = stage.activation === "relu" && found.sum < 0 ? "relu_zero" : stage.activation;
    const products = found.sum - found.bias;
    this.value = found.value;
    this.find(".sentence").textContent = fill(
      stage.input === "input" ? words.conv_first : words.conv, this.place({
        products: this.count(stage.kernel ** 2 * count), channels: this.count(count),
        added: this.number(products), bias: this.number(found.bias),
        sum: this.number(found.sum), value: this.number(found.value),
        then: fill(words[`then_${relu}`], { value: this.number(found.value) }),
      }));
    this.total([
      ...rest.length ? [[fill(words.rest, { count: this.count(rest.length) }),
        rest.reduce((a, [, x]) => a + x, 0)]] : [],
      [words.bias, found.bias], [words.pre_activation, found.sum],
      [words[`after_${stage.activation}`], found.value],
    ]);
  }

  // One channel of the unit's kernel, the same array as long as the unit is.
  kernelAt(channel, count) {
    if (this.kernelsOf !== this.slice) [this.kernelsOf, this.kernels] = [this.slice, new Map()];
    if (!this.kernels.has(channel)) {
      this.kernels.set(channel, kernelOf(this.stage, this.slice, channel, count));
    }
    return this.kernels.get(channel);
  }

  name(stage, channel) {
    return stage.name === "input"
      ? this.data.channels[channel]
      : fill(this.words.input_map, { input: stage.name, channel });
  }

  // As many lines as there are terms; those that are there already stay.
  rows(count) {
    const list = this.find(".terms");
    while (list.children.length > count) list.lastElementChild.remove();
    while (list.children.length < count) list.append(document.createElement("li"));
    return [...list.children];
  }

  drawTerm(row, term, tops, most) {
    const { stage } = this;
    if (row.dataset.kind !== "squares") {
      row.dataset.kind = "squares";
      row.tabIndex = 0;
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.className = "name";
      const parts = ["", "×", "="].flatMap((sign) => {
        const operator = Object.assign(document.createElement("span"), { textContent: sign });
        operator.className = "operator";
        return [...sign ? [operator] : [], document.createElement("canvas")];
      });
      row.replaceChildren(button, ...parts, this.bar());
    }
    const button = row.querySelector(".name");
    const name = this.name(this.input, term.channel);
    button.textContent = `${name}: ${this.number(term.sum)}`;
    button.disabled = this.input.name === "input";
    button.onclick = () => this.follow(term.channel);
    row.ariaLabel = button.textContent;
    const canvases = [...row.querySelectorAll("canvas")];
    const room = Math.min(470, this.room);
    const cell = Math.max(6, Math.min(
      stage.kernel > 5 ? 12 : 30, Math.floor((room - 60) / 3 / stage.kernel)));
    const draw = (marked) => {
      canvases.forEach((canvas, i) => {
        const part = ["numbers", "kernel", "products"][i];
        drawSquare(canvas, term[part], stage.kernel, cell, tops[part], this.short, marked);
        canvas.role = "img";
        canvas.ariaLabel = fill(this.words[`${part}_alt`], { name });
      });
      if (marked === null) return;
      this.find(".cell").textContent = fill(this.words.cell, {
        name, row: Math.floor(marked / stage.kernel) + 1, column: (marked % stage.kernel) + 1,
        patch: this.number(term.numbers[marked]), kernel: this.number(term.kernel[marked]),
        product: this.number(term.products[marked]),
      });
    };
    draw(null);
    for (const canvas of canvases) {
      canvas.onpointermove = canvas.onpointerdown = (event) => {
        const box = canvas.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top]
          .map((one) => Math.min(stage.kernel - 1, Math.max(0, Math.floor(one / cell))));
        row.marked = y * stage.kernel + x;
        draw(row.marked);
      };
      canvas.onpointerleave = () => draw(null);
    }
    row.onkeydown = (event) => {
      const step = {
        ArrowRight: 1, ArrowLeft: -1, ArrowDown: stage.kernel, ArrowUp: -stage.kernel,
      }[event.key];
      if (step === undefined || event.target !== row) return;
      const next = (row.marked ?? -1) + (row.marked === undefined ? 1 : step);
      if (next >= 0 && next < stage.kernel ** 2) row.marked = next;
      draw(row.marked);
      event.preventDefault();
    };
    row.onfocus = () => {
      if (this.channel === term.channel || stage.input === "input") return;
      this.channel = term.channel;
      this.drawMaps();
    };
    row.onpointerenter = row.onfocus;
    this.stretch(row.querySelector(".bar"), term.sum, most);
  }

  bar() {
    const bar = Object.assign(document.createElement("div"), { className: "bar" });
    bar.append(document.createElement("i"), document.createElement("b"));
    bar.ariaHidden = "true";
    return bar;
  }

  stretch(bar, value, most) {
    const part = most ? (50 * Math.min(Math.abs(value), most)) / most : 0;
    const fillOf = bar.querySelector("i");
    fillOf.className = value < 0 ? "minus" : "plus";
    fillOf.style.width = `${part}%`;
    fillOf.style.left = `${value < 0 ? 50 - part : 50}%`;
  }

  // A line of text with a bar; `go` opens what it names.
  drawLine(row, text, value, most, go) {
    row.dataset.kind = "line";
    row.removeAttribute("tabindex");
    row.onkeydown = row.onfocus = row.onpointerenter = null;
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.className = "name";
    button.textContent = text;
    button.disabled = !go;
    button.onclick = go;
    row.ariaLabel = null;
    row.replaceChildren(button, this.bar());
    this.stretch(row.querySelector(".bar"), value, most);
  }

  // Opens the unit of the layer before, where this window saw it strongest.
  follow(channel) {
    const { stage, at, input } = this;
    const [height, width] = size(input);
    let best = [at.row, at.column];
    if (stage.kernel) {
      const [top, left] = corner(stage, at.row, at.column);
      const inside = [];
      for (let r = Math.max(0, top); r < Math.min(height, top + stage.kernel); r += 1) {
        for (let c = Math.max(0, left); c < Math.min(width, left + stage.kernel); c += 1) {
          inside.push([r, c]);
        }
      }
      const value = ([r, c]) => activation(input, channel, r, c);
      best = inside.reduce((a, b) => (value(b) > value(a) ? b : a));
    }
    this.open(input.name, channel, best);
  }

  drawDense() {
    const { stage, at, net, words, input } = this;
    const found = dense(net, stage, this.slice);
    const [shown, rest] = this.chosen(found.terms, INPUTS);
    const most = Math.max(...shown.map(([, x]) => Math.abs(x)));
    this.rows(shown.length).forEach((row, i) => {
      const [place, product] = shown[i];
      const isMap = input.shape.length === 3;
      const [channel, r, c] = isMap ? flattened(input, place) : [place, 0, 0];
      const name = fill(isMap ? words.input_place : words.input_unit, {
        input: input.name, channel, row: r + 1, column: c + 1,
      });
      const text = fill(words.line, {
        name, value: this.number(input.values[place]), weight: this.number(this.slice[place]),
        product: this.number(product),
      });
      const go = input.name === "input" ? null : () => this.open(input.name, channel, [r, c]);
      this.drawLine(row, text, product, most, go);
    });
    const isLast = stage.activation === "softmax";
    const relu = stage.activation === "relu" && found.sum < 0 ? "relu_zero" : stage.activation;
    this.value = found.value;
    const spread = isLast
      ? softmax(stage.values, at.unit, found.sum, net.temperature) : null;
    const shownValue = isLast ? this.percent(spread.probabilities[at.unit]) : this.number(found.value);
    this.find(".sentence").textContent = fill(isLast ? words.softmax : words.dense, this.place({
      count: this.count(found.terms.length), added: this.number(found.sum - found.bias),
      bias: this.number(found.bias), sum: this.number(found.sum),
      name: net.classes[at.unit] ?? at.unit, value: shownValue,
      temperature: this.number(net.temperature),
      then: fill(words[`then_${relu}`], { value: this.number(found.value) }),
    }));
    this.total([
      [fill(words.rest_inputs, { count: this.count(rest.length) }),
        rest.reduce((a, [, x]) => a + x, 0)],
      [words.bias, found.bias], [isLast ? words.logit : words.pre_activation, found.sum],
      ...isLast ? [] : [[words[`after_${stage.activation}`], found.value]],
    ]);
    if (isLast) this.drawClasses(spread);
  }

  drawClasses({ logits, probabilities }) {
    const { net, at, words } = this;
    const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 5);
    if (!order.includes(at.unit)) order.push(at.unit);
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const body = table.createTBody();
    for (const text of [words.class, words.logit, words.probability]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      head.append(cell);
    }
    for (const unit of order) {
      const row = body.insertRow();
      row.className = unit === at.unit ? "result" : "";
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = net.classes[unit] ?? unit;
      row.append(name);
      row.insertCell().textContent = this.number(logits[unit]);
      row.insertCell().textContent = this.percent(probabilities[unit]);
    }
    this.find(".classes").replaceChildren(table);
  }

  drawPooling() {
    const { stage, at, net, words } = this;
    const found = pooling(net, stage, at.unit, at.row, at.column);
    this.value = found.value;
    this.channel = at.unit;
    const [row] = this.rows(1);
    row.dataset.kind = "window";
    row.removeAttribute("tabindex");
    row.onkeydown = row.onfocus = row.onpointerenter = null;
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.className = "name";
    button.textContent = fill(words.input_map, { input: stage.input, channel: at.unit });
    button.onclick = () => this.follow(at.unit);
    const canvas = document.createElement("canvas");
    row.replaceChildren(button, canvas);
    const top = Math.max(...Array.from(found.patch, Math.abs));
    const isMax = stage.pool === "max";
    drawSquare(canvas, found.patch, stage.kernel, 40, top, this.short, isMax ? found.winner : null);
    canvas.role = "img";
    canvas.ariaLabel = fill(words.numbers_alt, { name: button.textContent });
    const count = found.inside.filter(Boolean).length;
    this.find(".sentence").textContent = fill(
      words[isMax ? "pool_max" : "pool_average"], this.place({
        count, value: this.number(found.value),
        winner_row: Math.floor(found.winner / stage.kernel) + 1,
        winner_column: (found.winner % stage.kernel) + 1,
      }));
    this.total([]);
  }

  drawNormalisation() {
    const { stage, at, net, words } = this;
    const found = normalisation(net, stage, at.unit, at.row, at.column);
    this.value = found.value;
    this.channel = at.unit;
    const lines = stage.within ? [] : found.around;
    const most = Math.max(...lines.map(([, x]) => x * x), 0);
    this.rows(lines.length).forEach((row, i) => {
      const [channel, x] = lines[i];
      const name = fill(words.input_map, { input: stage.input, channel });
      const text = fill(words.square, {
        name, value: this.number(x), square: this.number(x * x),
      });
      this.drawLine(row, text, x * x, most, () => this.open(stage.input, channel, [at.row, at.column]));
    });
    this.find(".sentence").textContent = fill(
      words[stage.within ? "normalise_within" : "normalise"], this.place({
        n: stage.n, count: found.around.length, squares: this.number(found.squares),
        k: this.number(stage.k), alpha: this.number(stage.alpha), beta: this.number(stage.beta),
        divisor: this.number(found.divisor), before: this.number(found.input),
        value: this.number(found.value),
      }));
    this.total([]);
  }

  drawActivation() {
    const { stage, at, words } = this;
    const before = activation(this.input, at.unit, at.row, at.column);
    this.value = activate[stage.activation](before);
    this.channel = at.unit;
    this.rows(0);
    const relu = stage.activation === "relu" && before < 0 ? "relu_zero" : stage.activation;
    this.find(".sentence").textContent = fill(words.function, this.place({
      before: this.number(before),
      then: fill(words[`then_${relu}`], { value: this.number(this.value) }),
    }));
    this.total([]);
  }

  total(lines) {
    const table = this.find(".total");
    table.replaceChildren();
    lines.forEach(([text, value], i) => {
      const row = table.insertRow();
      if (i === lines.length - 1) row.className = "result";
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = text;
      row.append(head);
      row.insertCell().textContent = this.number(value);
    });
  }

  // --- pointer and keys --------------------------------------------------------------

  listen() {
    this.find(".layer").onchange = (event) => this.open(event.target.value, 0);
    this.find(".unit").onchange = (event) => {
      this.open(this.at.layer, Math.round(Number(event.target.value) || 0));
    };
    this.find(".play").onclick = () => this.playing(this.painted === null);
    this.find(".step").onclick = () => {
      const [height, width] = size(this.stage);
      const next = (this.at.row * width + this.at.column + 1) % (height * width);
      this.playing(false);
      this.move(Math.floor(next / width), next % width);
    };
    this.find(".strongest").onclick = () => {
      this.playing(false);
      this.move(...strongest(this.map));
    };
    this.find(".back").onclick = () => {
      const { layer, unit, row, column } = this.trail.pop();
      this.open(layer, unit, [row, column], false);
    };
    const pointed = (canvas, place) => {
      canvas.onpointermove = canvas.onpointerdown = (event) => {
        const box = canvas.getBoundingClientRect();
        const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
        const found = place(x, y);
        if (!found) return;
        if (event.type === "pointerdown") canvas.setPointerCapture(event.pointerId);
        if (this.painted !== null) this.playing(false);
        this.move(...found);
      };
    };
    pointed(this.find(".output canvas"), (x, y) => {
      const [height, width] = size(this.stage);
      const side = Math.max(height, width);
      return [Math.floor(y * side), Math.floor(x * side)];
    });
    // The position whose window has its middle there.
    const middle = (x, y) => {
      const { stage } = this;
      if (stage.shape.length !== 3) return null;
      const side = size(this.input)[0];
      if (!stage.kernel) return [Math.floor(y * side), Math.floor(x * side)];
      return [y, x].map((one) => Math.round(
        (one * side - (stage.kernel - 1) / 2 + stage.before - 0.5) / stage.stride));
    };
    pointed(this.find(".before canvas"), middle);
    pointed(this.find(".photo canvas"), (x, y) =>
      this.stage.input === "input" ? middle(x, y) : null);
    this.find(".output canvas").onkeydown = (event) => {
      const step = {
        ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0],
      }[event.key];
      const [height, width] = size(this.stage);
      if (step) this.move(this.at.row + step[0], this.at.column + step[1]);
      else if (event.key === "Home") this.move(0, 0);
      else if (event.key === "End") this.move(height - 1, width - 1);
      else return;
      event.preventDefault();
    };
    this.observer = new ResizeObserver(() => {
      this.measured = null;
      if (this.net) this.draw();
    });
    this.observer.observe(this.find("section"));
  }

  end() {
    this.playing(false);
    this.observer.disconnect();
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new View(parentElement, data));
  return () => {
    views.get(parentElement)?.end();
    views.delete(parentElement);
  };
}
