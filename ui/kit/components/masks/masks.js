// Dropout masks one after another, and what the network predicts under each.
// data: masks [{image (address), sentence, probabilities}], without (probabilities),
//       names, colours {series, accent}, words, language.

const SECONDS_EACH = 0.5;
const views = new WeakMap();

class Masks {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.player = new Player(
      this.find("section"), (part) => this.show(part), SECONDS_EACH * data.masks.length);
    this.take(data);
  }

  take(data) {
    this.data = data;
    this.percent = new Intl.NumberFormat(data.language, { style: "percent" }).format;
    const section = this.find("section");
    section.lang = data.language;
    section.style.setProperty("--series", data.colours.series);
    section.style.setProperty("--accent", data.colours.accent);
    this.player.scrub.max = data.masks.length - 1;
    this.player.take(data.words);
    this.find(".key").textContent = data.words.key;
    this.rows = data.names.map((name, i) => {
      const row = document.createElement("li");
      const [label, track, value] = ["span", "span", "span"].map((x) => document.createElement(x));
      const [bar, tick] = [document.createElement("i"), document.createElement("b")];
      label.textContent = name;
      track.className = "track";
      track.append(bar, tick);
      tick.style.left = `${100 * data.without[i]}%`;
      row.append(label, track, value);
      return { row, bar, value };
    });
    this.find(".classes").replaceChildren(...this.rows.map(({ row }) => row));
    this.player.go(this.player.part);
  }

  show(part) {
    const { masks } = this.data;
    const number = Math.min(masks.length - 1, Math.floor(part * masks.length));
    const mask = masks[number];
    const image = this.find(".mask");
    if (image.getAttribute("src") !== mask.image) image.src = mask.image;
    image.alt = mask.sentence;
    this.find(".sentence").textContent = mask.sentence;
    this.rows.forEach(({ bar, value }, i) => {
      bar.style.width = `${100 * mask.probabilities[i]}%`;
      value.textContent = this.percent(mask.probabilities[i]);
    });
    this.find("section").dataset.mask = number;
    return mask.sentence;
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new Masks(parentElement, data));
  return () => {
    views.get(parentElement)?.player.pause();
    views.delete(parentElement);
  };
}
