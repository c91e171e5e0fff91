// Crops, mirror images and colour noise of one picture, as they are dragged.
// data: photo (address of an image, side × side), side, crop, alt, vectors (three, each
//       red, green, blue), deviations (three), noise, words, language.

const views = new WeakMap();
const CHANNELS = ["red", "green", "blue"];

const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// One number of a normal distribution, mean 0 and deviation 1 (Box and Muller).
const gaussian = () =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

class View {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(name);
    this.now = { top: 0, left: 0, mirrored: false, alphas: [0, 0, 0] };
    this.whole = this.find(".whole canvas");
    this.cut = this.find(".cut canvas");
    this.listen();
  }

  take(data) {
    const fresh = data.photo !== this.data?.photo;
    this.data = data;
    this.words = data.words;
    this.room = data.side - data.crop;
    this.most = Math.round(300 * data.noise) / 100; // of an alpha: three deviations
    const count = new Intl.NumberFormat(data.language);
    this.count = (x) => count.format(x);
    this.digits = (least) => {
      const format = new Intl.NumberFormat(data.language, {
        minimumFractionDigits: least, maximumFractionDigits: least, signDisplay: "exceptZero" });
      return (x) => format.format(x).replace("-", "\u2212");
    };
    this.percent = new Intl.NumberFormat(
      data.language, { style: "percent", maximumFractionDigits: 1 }).format;
    this.find("section").lang = data.language;
    for (const name of ["crops", "colours"]) {
      this.find(`.${name}`).ariaLabel = this.words[name];
      this.find(`.${name} h2`).textContent = this.words[name];
    }
    for (const name of ["mirror", "random", "centre", "draw", "reset"]) {
      this.find(`.${name}`).textContent = this.words[name];
    }
    this.sliders();
    this.find(".whole-caption").textContent = fill(
      this.words.whole, { side: data.side, crop: data.crop });
    this.whole.ariaLabel = this.words.frame;
    this.whole.ariaValueMax = 2 * (this.room + 1) ** 2;
    if (!fresh) return this.pixels && this.draw();
    Object.assign(this.now, { top: this.room >> 1, left: this.room >> 1 });
    const image = new Image();
    image.src = data.photo;
    image.decode().then(() => {
      if (this.data.photo !== data.photo) return;
      const canvas = new OffscreenCanvas(data.side, data.side);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      this.pixels = context.getImageData(0, 0, data.side, data.side).data;
      this.draw();
    });
  }

  sliders() {
    const slider = (title, options, change) => {
      const label = document.createElement("label");
      const name = document.createElement("span");
      const value = document.createElement("span");
      const input = Object.assign(document.createElement("input"), { type: "range", ...options });
      name.textContent = title;
      input.oninput = () => change(Number(input.value));
      label.append(name, value, input);
      return { label, value, input };
    };
    const places = { min: 0, max: this.room, step: 1 };
    this.places = ["left", "top"].map((name) => ({
      name, ...slider(this.words[name], places, (x) => this.move({ [name]: x })) }));
    this.find(".places").replaceChildren(...this.places.map((x) => x.label));
    const alphas = { min: -this.most, max: this.most, step: 0.01 };
    this.alphas = this.data.vectors.map((_, i) => {
      const one = slider(fill(this.words.component, { number: i + 1 }), alphas, (x) => {
        this.now.alphas[i] = x;
        this.draw();
      });
      const band = document.createElement("i");
      band.style.background = `linear-gradient(to right, ${[-1, 0, 1].map((sign) => {
        const at = this.shift([0, 0, 0].with(i, sign * this.most));
        return `rgb(${at.map((x) => 128 + x).join(" ")})`;
      }).join(", ")})`;
      one.label.append(band);
      return one;
    });
    this.find(".alphas").replaceChildren(...this.alphas.map((x) => x.label));
  }

  listen() {
    this.find(".mirror").onclick = () => this.move({ mirrored: !this.now.mirrored });
    this.find(".centre").onclick = () =>
      this.move({ top: this.room >> 1, left: this.room >> 1, mirrored: false });
    this.find(".random").onclick = () => {
      const place = () => Math.floor(Math.random() * (this.room + 1));
      this.move({ top: place(), left: place(), mirrored: Math.random() < 0.5 });
    };
    this.find(".draw").onclick = () => {
      const drawn = () => {
        const x = Math.round(100 * this.data.noise * gaussian()) / 100;
        return Math.min(this.most, Math.max(-this.most, x));
      };
      this.now.alphas = [drawn(), drawn(), drawn()];
      this.draw();
    };
    this.find(".reset").onclick = () => {
      this.now.alphas = [0, 0, 0];
      this.draw();
    };
    let from = null; // where the frame was taken hold of
    this.whole.onpointerdown = (event) => {
      this.whole.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY, top: this.now.top, left: this.now.left };
    };
    this.whole.onpointermove = (event) => {
      if (!from) return;
      const scale = this.data.side / this.whole.clientWidth;
      this.move({
        left: from.left + Math.round((event.clientX - from.x) * scale),
        top: from.top + Math.round((event.clientY - from.y) * scale),
      });
    };
    this.whole.onpointerup = this.whole.onpointercancel = () => {
      from = null;
    };
    this.whole.onkeydown = (event) => {
      const step = event.shiftKey ? 8 : 1;
      const { top, left } = this.now;
      const to = {
        ArrowLeft: { left: left - step }, ArrowRight: { left: left + step },
        ArrowUp: { top: top - step }, ArrowDown: { top: top + step },
        Home: { top: 0, left: 0 }, End: { top: this.room, left: this.room },
        m: { mirrored: !this.now.mirrored },
      }[event.key];
      if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the lesson's own arrow keys
      this.move(to);
    };
  }

  move(to) {
    Object.assign(this.now, to);
    const inside = (x) => Math.min(this.room, Math.max(0, x));
    this.now.top = inside(this.now.top);
    this.now.left = inside(this.now.left);
    this.draw();
  }

  // What is added to red, green and blue of every pixel.
  shift(alphas) {
    const { vectors, deviations } = this.data;
    return CHANNELS.map((_, channel) => alphas.reduce(
      (sum, alpha, i) => sum + alpha * deviations[i] * vectors[i][channel], 0));
  }

  draw() {
    if (!this.pixels) return;
    const { side, crop } = this.data;
    const { top, left, mirrored, alphas } = this.now;
    const shift = this.shift(alphas);
    const image = new ImageData(side, side);
    let cut = 0;
    for (let i = 0; i < image.data.length; i += 4) {
      for (let channel = 0; channel < 3; channel += 1) {
        const value = this.pixels[i + channel] + shift[channel];
        image.data[i + channel] = value; // rounded, and kept from 0 to 255
        if (value < 0 || value > 255) cut += 1;
      }
      image.data[i + 3] = 255;
    }
    this.whole.width = this.whole.height = side;
    this.whole.getContext("2d").putImageData(image, 0, 0);
    this.cut.width = this.cut.height = crop;
    const context = this.cut.getContext("2d");
    context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? crop : 0, 0);
    context.drawImage(this.whole, left, top, crop, crop, 0, 0, crop, crop);
    const share = (x) => `${(100 * x) / side}%`;
    Object.assign(this.find(".frame").style, {
      left: share(left), top: share(top), width: share(crop), height: share(crop) });
    this.say(shift, cut / (3 * side * side));
  }

  say(shift, cut) {
    const { top, left, mirrored, alphas } = this.now;
    const places = this.room + 1;
    const number = 1 + left + places * (top + places * mirrored);
    const values = {
      number: this.count(number), all: this.count(2 * places * places), left, top };
    const sentence = fill(mirrored ? this.words.number_mirrored : this.words.number, values);
    this.find(".number").textContent = sentence;
    this.whole.ariaValueNow = number;
    this.whole.ariaValueText = sentence;
    this.find(".mirror").ariaPressed = String(mirrored);
    for (const { name, value, input } of this.places) {
      input.value = this.now[name];
      value.textContent = this.now[name];
    }
    const signed = this.digits(1);
    const two = this.digits(2);
    this.alphas.forEach(({ value, input }, i) => {
      input.value = alphas[i];
      value.textContent = two(alphas[i]);
    });
    const none = alphas.every((x) => x === 0);
    const added = none ? this.words.nothing : fill(this.words.added, {
      red: signed(shift[0]), green: signed(shift[1]), blue: signed(shift[2]) });
    this.find(".added").textContent = !none && cut > 0
      ? `${added} ${fill(this.words.cut, { share: this.percent(cut) })}` : added;
    this.find(".crop-caption").textContent = fill(this.words.cropped, { crop: this.data.crop });
    this.cut.ariaLabel = `${this.data.alt} ${sentence} ${added}`;
    Object.assign(this.find("section").dataset, { number, shift: shift.join(" ") });
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? new View(parentElement);
  views.set(parentElement, view);
  view.take(data);
}
