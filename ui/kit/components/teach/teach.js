// Classes of one's own. Pictures go to the server one at a time; what it predicts of
// what the camera sees is asked at most twice a second.
// data: classes [{id, name, called, pictures [{number, src, title}]}], limits, pause (ms),
//       address, ready, fixed (classes are neither named, added nor deleted), words, language.
// classes[].all is how many pictures everybody has given, or null where one visitor teaches alone.

const WAIT = 500; // ms until a busy server is asked again
const TRIES = 40;

const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (name === "button") element.type = "button";
  return element;
};

class Teach {
  constructor(root) {
    this.root = root;
    this.section = root.querySelector("section");
    this.find = (name) => root.querySelector(name);
    this.camera = new Camera(this.find("video"));
    this.cards = new Map();
    this.recording = null;
    this.wire();
  }

  show(data, send) {
    this.data = data;
    this.send = send;
    const { words, limits } = data;
    const texts = {
      ".try h2": words.try, ".file span": words.photograph, ".add": words.new,
      ".off": Camera.allowed() ? words.off : words.insecure,
    };
    for (const [name, text] of Object.entries(texts)) this.find(name).textContent = text;
    this.find(".file input").setAttribute("aria-label", words.photograph);
    this.find("video").setAttribute("aria-label", words.video);
    this.find(".camera").hidden = !Camera.allowed();
    this.section.classList.toggle("fixed", data.fixed);
    this.find(".add").hidden = data.fixed || data.classes.length >= limits.most_classes;
    const focused = this.root.activeElement ?? this.root.getRootNode().activeElement;
    const place = focused?.dataset?.place;
    const list = this.find(".classes");
    for (const [id, card] of this.cards) {
      if (data.classes.some((one) => one.id === id)) continue;
      card.box.remove();
      this.cards.delete(id);
    }
    for (const one of data.classes) {
      if (!this.cards.has(one.id)) this.cards.set(one.id, this.card(one.id));
      const card = this.cards.get(one.id);
      if (list.children[data.classes.indexOf(one)] !== card.box) list.append(card.box);
      this.dress(card, one);
    }
    if (place && !focused.isConnected) this.find(`[data-place="${place}"]`)?.focus();
    this.tries();
    this.buttons();
    // What was predicted with other pictures is not true any more.
    const taught = JSON.stringify(data.classes.map((x) => [x.id, x.pictures.map((y) => y.number)]));
    if (taught !== this.taught && !this.camera.on) {
      this.shares = null;
      this.say("");
      if (this.tried && data.ready) this.ask(this.tried);
    }
    this.taught = taught;
    this.bars();
    this.section.dataset.shown = "";
    this.loop();
  }

  tries() {
    const { tries, words } = this.data;
    const box = this.find(".tries");
    box.hidden = !tries.length;
    box.querySelector("span").textContent = words.tries;
    box.setAttribute("aria-label", words.tries);
    if (box.children.length > 1) return;
    box.append(...tries.map(({ title, src }) => {
      const button = make("button");
      const image = make("img");
      image.src = src;
      image.alt = title;
      button.title = title;
      button.onclick = async () => this.tryBlob(await (await fetch(src)).blob());
      button.append(image);
      return button;
    }));
  }

  called(id) {
    const one = this.data.classes.find((x) => x.id === id);
    return one ? one.name || one.called : "";
  }

  // --- classes ---------------------------------------------------------------------

  card(id) {
    const box = make("li", "card");
    const head = make("div", "head");
    const name = make("input", "name");
    const drop = make("button", "drop", "×");
    const count = make("p", "count");
    const pictures = make("ul", "pictures");
    const ways = make("div", "ways");
    const add = make("label", "way");
    const file = make("input");
    const record = make("button", "record");
    const trouble = make("p", "trouble");
    name.type = "text";
    name.dataset.place = `name-${id}`;
    file.type = "file";
    file.accept = "image/*";
    file.multiple = true;
    file.dataset.place = `file-${id}`;
    record.dataset.place = `record-${id}`;
    trouble.setAttribute("role", "alert");
    add.append(make("span"), file);
    add.firstChild.setAttribute("aria-hidden", "true");
    head.append(name, drop);
    ways.append(add, record);
    box.append(head, count, pictures, ways, trouble);
    name.onchange = () => this.act("rename", { number: id, name: name.value });
    drop.onclick = () => this.act("drop", { number: id });
    record.onclick = () => (this.recording === id ? this.endRecording() : this.record(id));
    file.onchange = () => {
      const files = [...file.files];
      file.value = "";
      this.upload(id, files);
    };
    return { box, name, drop, count, pictures, file, add, record, trouble, sent: new Map() };
  }

  dress(card, one) {
    const { words, limits } = this.data;
    const called = one.name || one.called;
    card.one = one;
    card.name.maxLength = limits.name;
    card.name.readOnly = this.data.fixed;
    card.name.placeholder = one.called;
    card.name.setAttribute("aria-label", fill(words.name, { name: one.called }));
    if (this.root.getRootNode().activeElement !== card.name) card.name.value = one.name;
    card.drop.hidden = this.data.fixed || this.data.classes.length <= limits.least_classes;
    card.drop.setAttribute("aria-label", fill(words.drop, { name: called }));
    card.drop.title = fill(words.drop, { name: called });
    card.add.firstChild.textContent = words.files;
    card.file.setAttribute("aria-label", fill(words.files_for, { name: called }));
    // What came since this page was drawn is not in its data yet.
    for (const { number } of one.pictures) card.sent.delete(number);
    const pictures = [...one.pictures, ...card.sent.values()];
    card.all = pictures.length;
    card.pictures.replaceChildren(...pictures.map((x, i) => this.picture(card, x, i, called)));
    this.counted(card);
  }

  picture(card, { number, src, title }, at, called) {
    const { words } = this.data;
    const item = make("li");
    const button = make("button");
    const image = make("img");
    const label = fill(words.remove, { number: at + 1, name: called });
    image.src = src;
    image.alt = "";
    button.title = title ? `${title}. ${label}` : label;
    button.setAttribute("aria-label", label);
    button.onclick = () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      card.sent.delete(number);
      card.all -= 1;
      item.remove();
      (next?.querySelector("button") ?? card.file).focus();
      this.counted(card);
      this.act("remove", { number });
    };
    button.append(image);
    item.append(button);
    return item;
  }

  counted(card) {
    const { words, limits } = this.data;
    const text = card.all === 1 ? words.count_1 : words.count;
    const own = fill(card.all ? text : words.count_0, { count: card.all });
    const everybody = (card.one?.all ?? 0) + card.sent.size;
    card.count.textContent = card.one?.all === null ? own : fill(words.count_class, { count: card.all, all: everybody });
    const full = card.all >= limits.most_pictures;
    card.file.disabled = full;
    card.add.classList.toggle("full", full);
  }

  act(kind, more) {
    this.send("act", { kind, ...more });
  }

  // --- pictures --------------------------------------------------------------------

  // One picture to the server; waits where it is busy.
  async post(to, blob, signal) {
    for (let i = 0; i < TRIES; i += 1) {
      const answer = await fetch(`${this.data.address}${to}?lang=${this.data.language}`, {
        method: "POST", body: blob, headers: { "content-type": "application/octet-stream" }, signal,
      });
      if (answer.ok) {
        const found = await answer.json();
        if (found.refused) throw Object.assign(new Error(found.refused), { said: true });
        return found;
      }
      if (answer.status !== 503) throw new Error(await answer.text());
      await pause(WAIT);
    }
    throw new Error("busy");
  }

  async give(id, blob, signal) {
    const found = await this.post(`class/${id}`, blob, signal);
    const card = this.cards.get(id);
    if (!card) return;
    const one = { number: found.number, src: found.thumbnail, title: "" };
    card.sent.set(one.number, one);
    card.pictures.append(this.picture(card, one, card.all, this.called(id)));
    card.all += 1;
    this.counted(card);
    this.section.dataset.added = String(Number(this.section.dataset.added ?? 0) + 1);
  }

  told(trouble) {
    return trouble.said ? trouble.message : this.data.words.failed;
  }

  async upload(id, files) {
    const card = this.cards.get(id);
    const { words, limits } = this.data;
    const said = [];
    card.trouble.textContent = "";
    for (const [i, file] of files.entries()) {
      if (card.all >= limits.most_pictures) {
        said.push(fill(words.full, { most: limits.most_pictures }));
        break;
      }
      card.count.textContent = fill(words.reading, { done: i + 1, all: files.length });
      try {
        const blob = await shrunk(file);
        if (blob.size > limits.megabytes * 1e6) {
          said.push(`${file.name}: ${fill(words.large, { megabytes: limits.megabytes })}`);
        } else await this.give(id, blob);
      } catch (trouble) {
        said.push(`${file.name}: ${this.told(trouble)}`);
      }
    }
    card.trouble.textContent = said.join(" ");
    this.counted(card);
    this.act("changed", { number: id });
  }

  // --- camera ----------------------------------------------------------------------

  async toggle() {
    if (this.camera.on) {
      this.endRecording();
      this.camera.stop();
    } else {
      try {
        await this.camera.start();
        this.find(".tried").hidden = true;
        this.tried = null;
        this.say("");
      } catch {
        this.camera.stop();
        this.say(this.data.words.denied);
      }
    }
    this.buttons();
    this.loop();
  }

  buttons() {
    const { words } = this.data;
    const on = this.camera.on;
    this.section.classList.toggle("live", on);
    this.find(".camera").textContent = on ? words.stop : words.start;
    for (const [id, { record }] of this.cards) {
      const mine = this.recording === id;
      record.hidden = !on;
      record.textContent = mine ? words.end : words.record;
      record.setAttribute("aria-pressed", String(mine));
      record.setAttribute("aria-label", fill(mine ? words.end_for : words.record_for, { name: this.called(id) }));
    }
  }

  endRecording() {
    this.recording = null;
    this.buttons();
  }

  async record(id) {
    const other = this.recording !== null;
    this.recording = id;
    this.buttons();
    if (other) return; // the loop below goes on with this class
    let last = id;
    while (this.recording !== null && this.camera.on && this.section.isConnected) {
      last = this.recording;
      const card = this.cards.get(last);
      if (!card || card.all >= this.data.limits.most_pictures) break;
      card.trouble.textContent = "";
      let began;
      try {
        const frame = await this.camera.frame(this.data.limits.side);
        began = performance.now();
        await this.give(last, frame);
      } catch (trouble) {
        card.trouble.textContent = this.told(trouble);
        break;
      }
      await pause(Math.max(0, this.data.pause - (performance.now() - began)));
    }
    this.endRecording();
    this.act("changed", { number: last });
    this.loop();
  }

  // --- what is predicted -----------------------------------------------------------

  // Asks about what the camera sees, until it is off.
  async loop() {
    if (this.looping) return;
    this.looping = true;
    try {
      while (this.camera.on && this.data.ready && this.recording === null && this.section.isConnected) {
        const frame = await this.camera.frame(this.data.limits.side);
        const began = performance.now();
        if (!document.hidden) this.told_of(await this.post("look", frame));
        await pause(Math.max(0, this.data.pause - (performance.now() - began)));
      }
    } catch (trouble) {
      this.say(this.told(trouble));
    } finally {
      this.looping = false;
      if (!this.section.isConnected) this.camera.stop();
    }
  }

  async tryBlob(file) {
    if (this.camera.on) await this.toggle();
    const blob = await shrunk(file);
    const tried = this.find(".tried");
    URL.revokeObjectURL(tried.src);
    tried.src = URL.createObjectURL(blob);
    tried.hidden = false;
    this.tried = blob;
    await this.ask(blob);
  }

  async ask(blob) {
    const { words, limits } = this.data;
    this.shares = null;
    this.bars();
    if (blob.size > limits.megabytes * 1e6) {
      this.say(fill(words.large, { megabytes: limits.megabytes }));
      return;
    }
    this.say(words.looking);
    try {
      const found = await this.post("look", blob);
      if (blob === this.tried) this.told_of(found);
    } catch (trouble) {
      this.say(this.told(trouble));
    }
  }

  told_of({ classes, probabilities }) {
    this.shares = new Map(classes.map((id, i) => [id, probabilities[i]]));
    this.bars();
    this.section.dataset.answers = String(Number(this.section.dataset.answers ?? 0) + 1);
    const first = classes[probabilities.indexOf(Math.max(...probabilities))];
    // The same sentence again is not spoken again: only a change is.
    this.say(classes.length ? fill(this.data.words.predicted, { name: this.called(first) }) : this.data.words.missing);
  }

  say(text) {
    const sentence = this.find(".sentence");
    if (sentence.textContent !== text) sentence.textContent = text;
  }

  bars() {
    const most = Math.max(...(this.shares?.values() ?? []));
    this.find(".bars").replaceChildren(...this.data.classes.map(({ id }) => {
      const share = this.shares?.get(id);
      const item = make("li", share !== undefined && share === most ? "most" : "");
      item.style.setProperty("--share", `${100 * (share ?? 0)}%`);
      const value = share === undefined ? "–" : share.toLocaleString(this.data.language, {
        style: "percent", maximumFractionDigits: 0,
      });
      item.append(make("span", "value", value), make("span", "called", this.called(id)));
      return item;
    }));
  }

  wire() {
    this.find(".camera").onclick = () => this.toggle();
    this.find(".add").onclick = () => this.act("new", {});
    const file = this.find(".file input");
    if (matchMedia("(pointer: coarse)").matches) file.setAttribute("capture", "environment");
    file.onchange = () => {
      const [one] = file.files;
      file.value = "";
      if (one) this.tryBlob(one);
    };
  }
}

const shown = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let one = shown.get(parentElement);
  if (!one || one.section !== parentElement.querySelector("section")) {
    one?.camera.stop();
    one = new Teach(parentElement);
    shown.set(parentElement, one);
  }
  one.show(data, setTriggerValue);
  return () => one.camera.stop();
}
