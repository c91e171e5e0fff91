// One or two sliders with few stops; what belongs to each was computed before, and is
// shown at once.
// data: label, values (of the slider), opens (number), second {label, values, opens} or
//       null, names (of the rows), images (addresses), sizes (of the images: width and
//       height), tables {title, head, bodies, captions, alt} or null, stops [{value, rows,
//       sentence, figures [{image, alt, caption, kept (bits of the pixels that are seen)
//       or null}], table, marked}], all of the second slider's for each of the first
//       one's, language.

const views = new WeakMap();

const made = (kind, content = "") =>
  Object.assign(document.createElement(kind), { textContent: content });

// Words between ** are bold.
const rich = (text) => text.split("**").map((part, i) => (i % 2 ? made("b", part) : part));

// An image without the pixels whose bit is 0.
function without(image, kept) {
  const canvas = made("canvas");
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  const bits = atob(kept);
  for (let i = 0; i < width * height; i += 1) {
    if (!(bits.charCodeAt(i >> 3) & (128 >> (i & 7)))) pixels.data[4 * i + 3] = 0;
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

class Stops {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.figures = [];
  }

  take(data) {
    this.data = data;
    this.find("section").lang = data.language;
    this.images = data.images.map((address) => Object.assign(new Image(), { src: address }));
    for (const image of this.images) image.decode().then(() => this.show(), () => {});
    const wanted = [data, ...(data.second ? [data.second] : [])];
    if (this.sliders?.length !== wanted.length) {
      this.sliders = wanted.map(({ opens }) => this.slider(opens));
      this.find(".sliders").replaceChildren(...this.sliders.map(({ label }) => label));
    }
    wanted.forEach(({ label, values }, i) => {
      const { input, name } = this.sliders[i];
      name.textContent = input.ariaLabel = label;
      input.max = values.length - 1;
      input.value = Math.min(values.length - 1, this.sliders[i].at);
    });
    this.wanted = wanted;
    this.show();
  }

  slider(opens) {
    const label = made("label");
    const [name, value] = [made("span"), made("span")];
    value.className = "value";
    const input = Object.assign(made("input"), { type: "range", min: 0, step: 1 });
    label.append(name, value, input);
    const slider = { label, name, value, input, at: opens };
    input.oninput = () => {
      slider.at = Number(input.value);
      this.show();
    };
    return slider;
  }

  show() {
    const { data, sliders } = this;
    const places = sliders.map(({ input }) => Number(input.value));
    const number = data.second ? places[0] * data.second.values.length + places[1] : places[0];
    const stop = data.stops[number];
    sliders.forEach(({ value, input }, i) => {
      value.textContent = input.ariaValueText = this.wanted[i].values[places[i]];
    });
    this.find("dl").replaceChildren(
      ...data.names.flatMap((name, i) => [made("dt", name), made("dd", stop.rows[i])]));
    this.find(".sentence").replaceChildren(...(stop.sentence ? rich(stop.sentence) : []));
    this.draw(stop.figures);
    this.tabulate(stop);
    this.find("section").dataset.stop = number;
  }

  draw(figures) {
    if (this.figures.length !== figures.length) {
      this.figures = figures.map(() => {
        const figure = made("figure");
        figure.append(made("img"), made("figcaption"));
        return figure;
      });
      this.find(".figures").replaceChildren(...this.figures);
    }
    figures.forEach(({ image, alt, caption, kept }, i) => {
      const [shown, words] = this.figures[i].children;
      const from = this.images[image];
      // Room for it before it is read: nothing below it moves.
      [shown.width, shown.height] = this.data.sizes[image];
      // Until an image is there to be cut, nothing of it is shown.
      shown.className = kept === null ? "" : "cut";
      if (kept === null) shown.src = from.src;
      else if (from.complete && from.naturalWidth) shown.src = without(from, kept);
      shown.alt = alt;
      words.replaceChildren(...rich(caption));
    });
  }

  tabulate({ table, marked }) {
    const { tables } = this.data;
    if (!tables || table === null) return;
    const row = (kind, cells) => {
      const line = made("tr");
      line.append(...cells.map((cell) => made(kind, cell)));
      return line;
    };
    const head = row("th", tables.head);
    for (const cell of head.children) cell.scope = "col";
    const lines = tables.bodies[table].map((cells) => row("td", cells));
    if (marked !== null) lines[marked].ariaCurrent = "true";
    const body = made("table");
    body.ariaLabel = tables.alt;
    body.append(made("caption", tables.title), head, ...lines);
    const box = Object.assign(made("div"), { className: "table" });
    const caption = Object.assign(made("p"), { className: "caption" });
    box.append(body);
    caption.append(...rich(tables.captions[table]));
    this.find(".right").replaceChildren(box, caption);
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // the keys scroll it
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement) ?? new Stops(parentElement);
  views.set(parentElement, view);
  view.take(data);
  return () => views.delete(parentElement);
}
