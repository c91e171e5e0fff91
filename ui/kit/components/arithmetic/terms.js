// The lines of a sum: one with its squares for each input map, one with a bar for each
// number, and the table of the rest. `view` is the component's (arithmetic.js).

const THREE = 3; // terms of which all are shown

// The two largest terms of each sign and the rest; all of them where they are few.
function chosen(terms, each) {
  if (terms.length <= Math.max(THREE, 2 * each)) return [terms, []];
  const sorted = [...terms].sort((a, b) => b[1] - a[1]);
  const plus = sorted.slice(0, each).filter(([, x]) => x > 0);
  const minus = sorted.slice(-each).reverse().filter(([, x]) => x < 0);
  const shown = new Set([...plus, ...minus].map(([channel]) => channel));
  return [[...plus, ...minus], terms.filter(([channel]) => !shown.has(channel))];
}

// As many lines as there are terms; those that are there already stay.
function rowsOf(view, count) {
  const list = view.find(".terms");
  while (list.children.length > count) list.lastElementChild.remove();
  while (list.children.length < count) list.append(document.createElement("li"));
  return [...list.children];
}

function nameOf(view, stage, channel) {
  return stage.name === "input"
    ? view.data.channels[channel]
    : fill(view.words.input_map, { input: stage.name, channel });
}

function drawTerm(view, row, term, tops, most) {
  const { stage } = view;
  const opens = view.input.name === "input" ? null : () => view.follow(term.channel);
  const isButton = row.querySelector("button.name") !== null;
  if (row.dataset.kind !== "squares" || isButton !== Boolean(opens)) {
    row.dataset.kind = "squares";
    row.tabIndex = 0;
    const parts = ["", "×", "="].flatMap((sign) => {
      const operator = Object.assign(document.createElement("span"), { textContent: sign });
      operator.className = "operator";
      return [...sign ? [operator] : [], document.createElement("canvas")];
    });
    row.replaceChildren(nameOn(opens), ...parts, emptyBar());
  }
  const label = row.querySelector(".name");
  const name = nameOf(view, view.input, term.channel);
  label.textContent = `${name}: ${view.number(term.sum)}`;
  label.onclick = opens;
  row.ariaLabel = label.textContent;
  const canvases = [...row.querySelectorAll("canvas")];
  const room = Math.min(470, view.room);
  const cell = Math.max(6, Math.min(
    stage.kernel > 5 ? 12 : 30, Math.floor((room - 60) / 3 / stage.kernel)));
  const draw = (marked) => {
    canvases.forEach((canvas, i) => {
      const part = ["numbers", "kernel", "products"][i];
      drawSquare(canvas, term[part], stage.kernel, cell, tops[part], view.short, marked);
      canvas.role = "img";
      canvas.ariaLabel = fill(view.words[`${part}_alt`], { name });
    });
    if (marked === null) return;
    view.find(".cell").textContent = fill(view.words.cell, {
      name, row: Math.floor(marked / stage.kernel) + 1, column: (marked % stage.kernel) + 1,
      patch: view.number(term.numbers[marked]), kernel: view.number(term.kernel[marked]),
      product: view.number(term.products[marked]),
    });
  };
  draw(null);
  for (const canvas of canvases) {
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      const box = canvas.getBoundingClientRect();
      const side = box.width / stage.kernel; // of a cell, as large as it is on the screen
      const [x, y] = [event.clientX - box.left, event.clientY - box.top]
        .map((one) => Math.min(stage.kernel - 1, Math.max(0, Math.floor(one / side))));
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
    if (view.channel === term.channel || stage.input === "input") return;
    view.channel = term.channel;
    view.drawMaps();
    view.tell(view.written());
  };
  row.onpointerenter = row.onfocus;
  stretch(row.querySelector(".bar"), term.sum, most);
}

// A name: on a button where there is something to open.
function nameOn(opens) {
  const name = document.createElement(opens ? "button" : "span");
  if (opens) name.type = "button";
  name.className = "name";
  return name;
}

function emptyBar() {
  const bar = Object.assign(document.createElement("div"), { className: "bar" });
  bar.append(document.createElement("i"), document.createElement("b"));
  bar.ariaHidden = "true";
  return bar;
}

function stretch(bar, value, most) {
  const part = most ? (50 * Math.min(Math.abs(value), most)) / most : 0;
  const fillOf = bar.querySelector("i");
  fillOf.className = value < 0 ? "minus" : "plus";
  fillOf.style.width = `${part}%`;
  fillOf.style.left = `${value < 0 ? 50 - part : 50}%`;
}

// A line of text with a bar; `go` opens what it names.
function drawLine(row, text, value, most, go) {
  row.dataset.kind = "line";
  row.removeAttribute("tabindex");
  row.onkeydown = row.onfocus = row.onpointerenter = null;
  const name = nameOn(go);
  name.textContent = text;
  name.onclick = go;
  row.ariaLabel = null;
  row.replaceChildren(name, emptyBar());
  stretch(row.querySelector(".bar"), value, most);
}

function drawTotal(view, lines) {
  const table = view.find(".total");
  table.replaceChildren();
  lines.forEach(([text, value], i) => {
    const row = table.insertRow();
    if (i === lines.length - 1) row.className = "result";
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = text;
    row.append(head);
    row.insertCell().textContent = view.number(value);
  });
}
