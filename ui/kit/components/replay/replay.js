// A recorded training that draws itself: curves, batch errors, first-layer filters.
// data: address, curves [{key, title, value (column of the points), thin, low, high}],
//       opens (key), opensAt (0 to 1), bands [{start, end, label}], colours, levels {key: [{y, label}]}, xLabel, order, all, columns,
//       sentences (one for each snapshot) or null, starts (a number that grows with
//       each wish to have it played), ghosts {key: {points, label}}, crowd {key: [{x, y,
//       begins}]} (the guesses of a class), alt, words,
//       language; verdict {headline, detail, across, down, alt} or null.
// A live run has no address: arms [{label, points, trace, filters, series, faint}], far
// and marks come with the data, again and again, and all of it is shown.
// The recording is fetched once; nothing here asks the server to run the page again.

const views = new WeakMap();
const fetched = new Map(); // by address

function recording(address) {
  const found = fetched.get(address) ?? fetch(address).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.arrayBuffer();
  }).then(unpackReplay);
  fetched.set(address, found);
  found.catch(() => fetched.delete(address));
  return found;
}

class Replay {
  constructor(root, data) {
    this.find = (name) => root.querySelector(name);
    this.chart = new Chart(this.find(".chart"));
    this.player = new Player(this.find("section"), (part) => this.show(part));
    this.observer = new ResizeObserver(() => this.arms && this.lay());
    this.observer.observe(this.find("section"));
    this.take(data);
  }

  take(data) {
    const other = data.address !== this.data?.address;
    const wish = data.starts > (this.data?.starts ?? 0);
    this.data = data;
    const number = new Intl.NumberFormat(data.language, { maximumFractionDigits: 1 });
    const percent = (digits) => new Intl.NumberFormat(
      data.language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
    const minus = (text) => text.replace("-", "\u2212");
    this.number = (x) => number.format(x);
    this.whole = (x) => minus(percent(0).format(x));
    this.percent = (x) => minus(percent(data.digits ?? 1).format(x));
    this.find("section").lang = data.language;
    this.player.take(data.words);
    if (data.arms) return this.takeLive();
    if (other) {
      this.key = data.opens;
      this.arms = null;
      this.find(".status").textContent = data.words.loading;
      recording(data.address).then((arms) => {
        if (this.data.address !== data.address) return;
        this.arms = arms;
        this.judged = null;
        this.find(".verdict").hidden = true;
        this.far = Math.max(...arms.flatMap((arm) => arm.points.map(([x]) => x)));
        this.find(".status").textContent = "";
        this.find("section").hidden = false;
        this.build();
        this.player.go(data.opensAt);
        if (this.data.starts && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
          this.player.play();
        }
        this.find("section").dataset.ready = "true";
      }).catch(() => {
        this.find(".status").textContent = data.words.failed;
      });
    } else if (this.arms) {
      this.build();
      if (wish) this.player.play();
    }
  }

  takeLive() {
    const { data } = this;
    const section = this.find("section");
    section.dataset.live = section.dataset.ready = "true";
    section.hidden = false;
    this.key = data.opens;
    this.far = data.far;
    this.arms = data.arms.map((arm) => ({
      ...arm, filters: arm.filters && decodeFilters(arm.filters),
    }));
    this.player.part = 1;
    const shown = this.arms.flatMap((arm, i) => (arm.filters ? [i] : [])).join();
    if (shown !== this.shown) this.build();
    else this.lay();
    this.shown = shown;
    this.find(".chart").ariaLabel = data.alt;
  }

  get curve() {
    return this.data.curves.find((one) => one.key === this.key) ?? this.data.curves[0];
  }

  // What is there once for a recording: buttons, canvases, axes.
  build() {
    const { data, arms } = this;
    const buttons = data.curves.length < 2 ? [] : data.curves.map((one) => {
      const button = Object.assign(document.createElement("button"), {
        type: "button", textContent: one.title, ariaPressed: String(one.key === this.curve.key),
        onclick: () => {
          this.key = one.key;
          for (const other of buttons) other.ariaPressed = String(other === button);
          this.lay();
        },
      });
      return button;
    });
    this.find(".curve-choice").replaceChildren(...buttons);
    this.find(".curve-choice").ariaLabel = data.words.curves;
    this.pictures = [...arms.keys()].filter((i) => arms[i].filters).map((arm) => {
      const figure = document.createElement("figure");
      const canvas = Object.assign(document.createElement("canvas"), { role: "img" });
      const caption = document.createElement("figcaption");
      figure.append(canvas, caption);
      return { arm, figure, canvas, caption };
    });
    this.find(".filters").dataset.count = this.pictures.length;
    this.find(".filters").replaceChildren(...this.pictures.map(({ figure }) => figure));
    this.find(".chart").ariaLabel = data.alt;
    this.lay();
  }

  lay() {
    const { data, arms, curve } = this;
    this.lines = arms.map((arm, i) => ({
      label: data.names?.[i] ?? arm.label,
      colour: data.colours[(arm.series ?? i) % data.colours.length],
      faint: arm.faint,
      points: arm.points.map((point) => [point[0], point[1 + curve.value]]),
      thin: curve.thin ? arm.trace : [],
    }));
    this.chart.set({
      lines: this.lines,
      frame: {
        far: data.far ?? this.far, low: curve.low, high: curve.high, xLabel: data.xLabel,
        percent: this.whole, number: this.number, title: curve.title, bands: data.bands,
      },
      levels: data.levels[curve.key] ?? [],
      ghost: data.ghosts?.[curve.key] ?? null,
      marks: data.marks,
      crowd: data.crowd?.[curve.key] ?? [],
    });
    this.find("section").dataset.curve = curve.key;
    this.player.go(this.player.part);
  }

  // Draws what was so after this part of the training; returns it in words.
  show(part) {
    if (!this.arms) return "";
    const { data } = this;
    const at = part * this.far;
    if (part >= 1) this.judge();
    this.chart.draw(at);
    let sentence = this.told(at);
    for (const { arm: number, canvas, caption } of this.pictures) {
      const arm = this.arms[number];
      const snapshot = snapshotAt(arm.filters, at);
      drawFilters(canvas, arm.filters, snapshot, { order: data.order, all: data.all, columns: data.columns });
      const text = fill(data.words.filters, {
        arm: data.names?.[number] ?? arm.label,
        epoch: this.number(arm.filters.epochs[snapshot]), count: arm.filters.shape[3],
      });
      caption.textContent = text;
      if (data.sentences) sentence = data.sentences[snapshot];
      canvas.ariaLabel = data.sentences ? sentence : text;
    }
    this.find(".sentence").textContent = sentence;
    Object.assign(this.find("section").dataset, { at: at.toFixed(3), part: part.toFixed(3) });
    return sentence;
  }

  // The result, once the training has been seen to its end; it stays.
  judge() {
    const { verdict } = this.data;
    this.find(".verdict").hidden = !verdict;
    if (!verdict || this.judged === verdict.across) return;
    this.judged = verdict.across;
    this.find(".headline").textContent = verdict.headline;
    this.find(".detail").textContent = verdict.detail;
    // Beside the chart, on a projector, it is as narrow as on a phone.
    const isBeside = getComputedStyle(this.find(".verdict")).getPropertyValue("--lab-replay");
    this.find(".verdict source").media = isBeside ? "all" : "(max-width: 640px)";
    this.find(".verdict source").srcset = verdict.down;
    this.find(".verdict img").src = verdict.across;
    this.find(".verdict img").alt = verdict.alt;
  }

  // What was measured by then, curve by curve.
  told(at) {
    const { words } = this.data;
    const values = this.lines.filter((line) => !line.faint).map((line) => {
      const point = lastBy(line.points, at);
      if (!point) return fill(words.none, { arm: line.label });
      const last = line.points.at(-1)[0];
      const over = at >= last && last < 0.98 * this.far;
      return fill(over ? words.ended : words.value, {
        arm: line.label, value: this.percent(point[1]), epoch: this.number(point[0]),
      });
    });
    return fill(words.at, {
      epoch: this.number(at), curve: this.curve.title, values: values.join(", "),
    });
  }

  end() {
    this.player.pause();
    this.observer.disconnect();
  }
}

export default function ({ data, parentElement }) {
  const view = views.get(parentElement);
  if (view) view.take(data);
  else views.set(parentElement, new Replay(parentElement, data));
  return () => {
    views.get(parentElement)?.end();
    views.delete(parentElement);
  };
}
