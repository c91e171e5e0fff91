// How one activation came about: frame, patch, kernel, products, sum, activation.
// data: activations (address), kernels (address before layer/unit), layer, unit,
//       position (what the address says of it, or ""), alt, words, language, channels (names),
//       row (whether terms stand side by side, as on a projector), colours {viridis, diverging} (base64).
// Nothing here asks the server to run the page again. What is shown goes into the
// address by `alexnet:address` (ui/session/index.js).

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
    this.find("section").classList.toggle("row", data.row);
    this.playing(false);
    const isNew = data.position && data.position !== this.position;
    this.position = data.position;
    if (given === this.given && !isNew) return this.ready?.then(() => this.draw());
    this.given = given;
    this.load(isNew ? data.position : "");
  }

  load(position) {
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
      this.opensAt = { layer: names.includes(layer) ? layer : names[0], unit };
      const { place, channel, ...at } = this.read(position) ?? this.opensAt;
      this.open(at.layer, at.unit, place, false);
      this.channel = channel ?? null;
    }).catch(() => this.say(this.words.failed));
  }

  // An address's layer, unit, row, column and, if it has one, input map; null: there is
  // no such position here.
  read(position) {
    const [layer, ...numbers] = position.split(".");
    const stage = this.net.stages.get(layer);
    const [unit, row, column, channel] = numbers.map((x) => (/^\d{1,4}$/.test(x) ? Number(x) : -1));
    if (!stage?.input || ![3, 4].includes(numbers.length)) return null;
    const [height, width, units] = size(stage);
    const [, , inputs] = size(this.net.stages.get(stage.input));
    if (unit >= units || row > height || column > width || channel >= inputs) return null;
    if (Math.min(unit, row - 1, column - 1, channel ?? 0) < 0) return null;
    return { layer, unit, place: [row - 1, column - 1], channel };
  }

  // The same, of what is shown; null: the page opens it by itself.
  written() {
    const { at, opensAt, channel } = this;
    const beside = channel === this.firstChannel ? [] : [channel];
    const [row, column] = strongest(this.map);
    const opens = at.layer === opensAt.layer && at.unit === opensAt.unit
      && at.row === row && at.column === column && !beside.length;
    return opens ? null : [at.layer, at.unit, at.row + 1, at.column + 1, ...beside].join(".");
  }

  tell(value) {
    document.dispatchEvent(
      new CustomEvent("alexnet:address", { detail: { name: "position", value } }));
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
    this.channel = this.firstChannel = null;
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
      conv: drawConvolution, dense: drawDense,
      pool: drawPooling, normalise: drawNormalisation,
      activation: drawActivation,
    };
    draw[stage.kind](this);
    this.drawMaps();
    const own = activation(stage, at.unit, at.row, at.column);
    Object.assign(this.find("section").dataset, { drawn: at.layer, value: this.value, own });
    this.tell(this.written());
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
    // In a row the style sheet sizes the squares: they follow the zoom (fit.js).
    this.room = this.data.row ? 470 : this.find(".sum").clientWidth || 330;
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
    canvas.role = "slider"; // which has a name and a value from now on
    canvas.ariaLabel = fill(words.output_label, this.place());
    canvas.ariaValueMin = 0;
    canvas.ariaValueMax = height * width - 1;
    canvas.ariaValueNow = at.row * width + at.column;
    canvas.ariaValueText = caption;
    output.querySelector("figcaption").textContent = caption;
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
    this.tell(null);
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
