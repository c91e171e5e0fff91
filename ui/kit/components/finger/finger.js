// A grey square over a picture, dragged by mouse or finger or moved by keys. The server
// says what is predicted while it is there; what it says is painted as heat.
// data: photo, before {name, probability, top}, square {size, side, least, grey, chunk},
//       address, words, language.

const WAIT = 500; // ms until a busy server is asked again
const TRIES = 20;
const LOST = [224, 98, 28]; // covering it lowers the probability
const WON = [46, 109, 180];

const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Finger {
  constructor(root) {
    this.root = root;
    this.section = root.querySelector("section");
    this.find = (name) => root.querySelector(name);
    this.wire();
  }

  // New data: another picture, class or language.
  show(data) {
    const same = this.data?.address === data.address;
    this.data = data;
    const { words, square } = data;
    this.find(".photo").src = data.photo;
    this.find(".size span").textContent = words.size;
    this.find(".everywhere").textContent = words.everywhere;
    this.find(".stop").textContent = words.stop;
    this.find(".clear").textContent = words.clear;
    this.find(".hint").textContent = words.hint;
    this.find(".legend").textContent = fill(words.legend, { name: data.before.name });
    this.find(".picture").setAttribute("aria-label", words.label);
    const size = this.find("input");
    Object.assign(size, { min: square.least, max: square.size / 2, step: 8 });
    if (same) return;
    this.halt();
    this.version = (this.version ?? 0) + 1;
    size.value = square.side;
    this.side = square.side;
    this.at = [Math.round((square.size - this.side) / 2), Math.round((square.size - this.side) / 2)];
    this.find(".square").style.background = `rgb(${square.grey.join(" ")})`;
    this.clear();
    this.find(".square").classList.add("idle");
    this.place();
    this.list(data.before.top);
    this.say(fill(words.start, { name: data.before.name, before: this.percent(data.before.probability) }));
  }

  percent(share) {
    return share.toLocaleString(this.data.language, {
      style: "percent", maximumFractionDigits: share < 0.1 || share > 0.99 ? 1 : 0,
    });
  }

  say(text) {
    this.find(".sentence").textContent = text;
  }

  clear() {
    const { size } = this.data.square;
    this.total = new Float64Array(size * size);
    this.count = new Uint16Array(size * size);
    this.lowest = null;
    this.find(".legend").hidden = true;
    this.find(".picture").classList.remove("warm");
    const canvas = this.find(".heat");
    canvas.width = canvas.height = size;
  }

  // The square where `at` is; what a screen reader says of it.
  place() {
    const { size } = this.data.square;
    const [row, column] = this.at;
    const box = this.find(".square");
    box.style.top = `${(100 * row) / size}%`;
    box.style.left = `${(100 * column) / size}%`;
    box.style.width = box.style.height = `${(100 * this.side) / size}%`;
    const picture = this.find(".picture");
    picture.setAttribute("aria-valuemax", String((size - this.side) ** 2));
    picture.setAttribute("aria-valuenow", String(row * (size - this.side) + column));
    picture.setAttribute("aria-valuetext", fill(this.data.words.place, { row, column }));
  }

  move(row, column) {
    const last = this.data.square.size - this.side;
    const inside = (x) => Math.max(0, Math.min(last, Math.round(x)));
    this.at = [inside(row), inside(column)];
    this.find(".square").classList.remove("idle");
    this.place();
    this.ask();
  }

  // What is predicted under squares; waits where the server is busy.
  async fetch(places, signal) {
    const { address } = this.data;
    const at = places.map((place) => place.join(",")).join(";");
    for (let i = 0; i < TRIES; i += 1) {
      const answer = await fetch(`${address}${this.side}/${at}`, { signal });
      if (answer.ok) return answer.json();
      if (answer.status !== 503) throw new Error(await answer.text());
      await pause(WAIT);
    }
    throw new Error("busy");
  }

  // One question at a time; while it is open only the newest place is kept.
  async ask() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      do {
        this.again = false;
        const [version, at, side] = [this.version, this.at, this.side];
        const found = await this.fetch([at]);
        if (version !== this.version) continue;
        this.add([at], side, found.probabilities);
        this.paint();
        this.list(found.top);
        this.tell(found);
        this.section.dataset.answers = String(Number(this.section.dataset.answers ?? 0) + 1);
      } while (this.again);
    } catch {
      this.say(this.data.words.failed);
    } finally {
      this.asking = false;
    }
  }

  tell({ probabilities, top }) {
    const { words, before } = this.data;
    const now = probabilities[0];
    const fields = {
      name: before.name, before: this.percent(before.probability), now: this.percent(now),
      other: top[0][0],
    };
    const text = fill(now < before.probability ? words.less : words.more, fields);
    const changed = top[0][0] !== before.top[0][0];
    this.say(changed ? `${text} ${fill(words.other, fields)}` : text);
    this.find(".picture").setAttribute("aria-valuetext", this.find(".sentence").textContent);
  }

  list(top) {
    const list = this.find(".top");
    list.replaceChildren(...top.map(([name, share]) => {
      const item = document.createElement("li");
      item.style.setProperty("--share", `${100 * share}%`);
      if (name === this.data.before.name) item.className = "watched";
      const [value, label] = [document.createElement("span"), document.createElement("span")];
      value.className = "value";
      value.textContent = this.percent(share);
      label.textContent = name;
      item.append(value, label);
      return item;
    }));
  }

  // Each pixel keeps the mean loss of the squares that have covered it.
  add(places, side, probabilities) {
    const { size } = this.data.square;
    const { probability } = this.data.before;
    places.forEach(([row, column], i) => {
      const lost = probability - probabilities[i];
      if (!this.lowest || probabilities[i] < this.lowest.now) {
        this.lowest = { now: probabilities[i], row, column };
      }
      for (let r = row; r < Math.min(size, row + side); r += 1) {
        for (let c = column; c < Math.min(size, column + side); c += 1) {
          this.total[r * size + c] += lost;
          this.count[r * size + c] += 1;
        }
      }
    });
  }

  paint() {
    const { size } = this.data.square;
    const image = new ImageData(size, size);
    let top = 1e-6;
    for (let i = 0; i < size * size; i += 1) {
      if (this.count[i]) top = Math.max(top, Math.abs(this.total[i] / this.count[i]));
    }
    for (let i = 0; i < size * size; i += 1) {
      if (!this.count[i]) continue;
      const part = this.total[i] / this.count[i] / top;
      image.data.set(part > 0 ? LOST : WON, 4 * i);
      image.data[4 * i + 3] = Math.round(255 * Math.abs(part));
    }
    this.find(".heat").getContext("2d").putImageData(image, 0, 0);
    this.find(".legend").hidden = false;
    this.find(".picture").classList.add("warm");
  }

  // Every half side, edges too: as `model.analysis.occlusion.places`.
  everywhere() {
    const { size } = this.data.square;
    const steps = Math.max(1, Math.round((size - this.side) / (this.side / 2)));
    const along = Array.from({ length: steps + 1 }, (_, i) => Math.round((i * (size - this.side)) / steps));
    return along.flatMap((row) => along.map((column) => [row, column]));
  }

  async cover() {
    const { words, square, before } = this.data;
    const [version, side, places] = [this.version, this.side, this.everywhere()];
    const [progress, bar] = [this.find(".progress"), this.find("progress")];
    this.clear();
    this.stopped = false;
    this.abort = new AbortController();
    const { signal } = this.abort;
    delete this.section.dataset.done;
    this.running(true);
    bar.max = places.length;
    const current = () => version === this.version && side === this.side && !this.stopped;
    let done = 0;
    try {
      while (done < places.length && current()) {
        bar.value = done;
        progress.querySelector("span").textContent = fill(words.progress, { done, all: places.length });
        const part = places.slice(done, done + square.chunk);
        const { probabilities } = await this.fetch(part, signal);
        if (!current()) break;
        this.add(part, side, probabilities);
        this.paint();
        done += part.length;
      }
      if (version !== this.version) return;
      const fields = {
        name: before.name, before: this.percent(before.probability), done, all: places.length,
        now: this.percent(this.lowest?.now ?? before.probability),
        row: this.lowest?.row, column: this.lowest?.column,
      };
      if (done < places.length) this.say(fill(words.stopped, fields));
      else {
        const falls = this.lowest.now < before.probability;
        this.at = [this.lowest.row, this.lowest.column];
        if (falls) {  // framed, so that its heat is seen
          this.find(".square").classList.add("idle");
          this.place();
          this.list((await this.fetch([this.at], signal)).top);
        }
        this.say(fill(falls ? words.covered : words.unmoved, fields));
        this.section.dataset.done = String(done);
      }
    } catch (trouble) {
      if (version !== this.version) return;
      if (trouble.name !== "AbortError") this.say(words.failed);
      else this.say(fill(words.stopped, { done, all: places.length }));
    } finally {
      this.running(false);
    }
  }

  // Ends covering everywhere; what is painted stays.
  halt() {
    this.stopped = true;
    this.abort?.abort();
  }

  running(is) {
    const [start, stop] = [this.find(".everywhere"), this.find(".stop")];
    const focused = this.root.activeElement ?? this.root.getRootNode().activeElement;
    start.hidden = is;
    stop.hidden = !is;
    this.find(".progress").hidden = !is;
    if (focused === (is ? start : stop)) (is ? stop : start).focus();
  }

  wire() {
    const picture = this.find(".picture");
    const to = (event) => {
      const box = picture.getBoundingClientRect();
      const { size } = this.data.square;
      const at = (x, start, length) => ((x - start) / length) * size - this.side / 2;
      this.move(at(event.clientY, box.top, box.height), at(event.clientX, box.left, box.width));
    };
    picture.onpointerdown = (event) => {
      picture.setPointerCapture(event.pointerId);
      picture.classList.add("dragged");
      to(event);
    };
    picture.onpointermove = (event) => {
      if (picture.classList.contains("dragged")) to(event);
    };
    picture.onpointerup = picture.onpointercancel = () => picture.classList.remove("dragged");
    picture.onkeydown = (event) => {
      const step = event.shiftKey ? 4 : Math.max(4, Math.round(this.side / 4));
      const [row, column] = this.at;
      const last = this.data.square.size;
      const next = {
        ArrowUp: [row - step, column], ArrowDown: [row + step, column],
        ArrowLeft: [row, column - step], ArrowRight: [row, column + step],
        Home: [0, 0], End: [last, last],
      }[event.key];
      if (!next) return;
      event.preventDefault();
      this.move(...next);
    };
    const size = this.find("input");
    size.oninput = () => {
      const [row, column] = this.at.map((x) => x + this.side / 2);
      this.halt();
      this.side = Number(size.value);
      this.move(row - this.side / 2, column - this.side / 2);
    };
    this.find(".everywhere").onclick = () => this.cover();
    this.find(".stop").onclick = () => this.halt();
    this.find(".clear").onclick = () => {
      this.halt();
      this.version += 1; // what was asked before is answered in vain
      this.again = false;
      this.clear();
    };
  }
}

const shown = new WeakMap();

export default function ({ data, parentElement }) {
  let one = shown.get(parentElement);
  if (!one || one.section !== parentElement.querySelector("section")) {
    one = new Finger(parentElement);
    shown.set(parentElement, one);
  }
  one.show(data);
}
