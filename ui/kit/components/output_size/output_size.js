// The output size of a convolution or pooling: windows, unread pixels, the fraction.
// data: presets [{label, size, kernel, stride, padding}], limits {name: [low, high]},
//       words, language.

const NAMES = ["size", "kernel", "stride", "padding"];
const chosen = new WeakMap();

const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// What the arithmetic says of a side. Dilation is 1.
function outputSize({ size, kernel, stride, padding }) {
  const room = size + 2 * padding - kernel;
  const exact = room / stride + 1;
  const down = Math.floor(room / stride) + 1;
  const up = Math.ceil(room / stride) + 1;
  // Pixels of one side that no window reads, where windows end inside.
  const read = new Set();
  for (let at = 0; at < down; at += 1) {
    for (let x = 0; x < kernel; x += 1) {
      const pixel = at * stride - padding + x;
      if (pixel >= 0 && pixel < size) read.add(pixel);
    }
  }
  return {
    fits: room >= 0, room, exact, down, up, read,
    over: (up - 1) * stride + kernel - size - 2 * padding,
    unread: 1 - (read.size / size) ** 2,
  };
}

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const { words, limits } = data;
  const now = chosen.get(parentElement) ?? { ...data.presets[0] };
  chosen.set(parentElement, now);
  const number = new Intl.NumberFormat(data.language, { maximumFractionDigits: 3 });
  const percent = new Intl.NumberFormat(
    data.language, { style: "percent", maximumFractionDigits: 1 });
  find("section").lang = data.language;

  const buttons = data.presets.map((preset) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button", textContent: preset.label,
      onclick: () => {
        Object.assign(now, preset);
        show();
      },
    });
    return [button, preset];
  });
  find(".presets").replaceChildren(...buttons.map(([button]) => button));
  find(".presets").ariaLabel = words.presets;
  const sliders = NAMES.map((name) => {
    const label = document.createElement("label");
    const value = document.createElement("span");
    const input = Object.assign(document.createElement("input"), {
      type: "range", min: limits[name][0], max: limits[name][1], name,
      oninput: () => {
        now[name] = Number(input.value);
        show();
      },
    });
    label.append(words[name], value, input);
    return [name, label, input, value];
  });
  find(".sliders").replaceChildren(...sliders.map(([, label]) => label));

  function show() {
    const found = outputSize(now);
    for (const [name, , input, value] of sliders) {
      input.value = now[name];
      value.textContent = number.format(now[name]);
    }
    for (const [button, preset] of buttons) {
      button.ariaPressed = String(NAMES.every((name) => preset[name] === now[name]));
    }
    const values = {
      size: now.size, kernel: now.kernel, stride: now.stride, padding: now.padding,
      exact: number.format(found.exact), down: found.down, up: found.up,
      over: found.over, room: found.room,
      unread: percent.format(found.unread), rest: found.room % now.stride,
    };
    const whole = found.room % now.stride === 0;
    find(".formula").textContent = fill(found.fits ? words.formula : words.too_large, values);
    find(".result").textContent = !found.fits ? ""
      : fill(whole ? words.whole : words.rounded, values);
    find(".unread").textContent = !found.fits ? ""
      : fill(found.unread > 0 ? words.unread : words.all_read, values);
    find(".advice").textContent = found.fits && !whole ? fill(words.advice, {
      ...values, exactly: now.size + now.stride - (found.room % now.stride),
      larger: found.up,
    }) : "";
    draw(found);
  }

  function draw(found) {
    const canvas = find("canvas");
    const side = canvas.clientWidth || 360;
    const ratio = Math.min(3, devicePixelRatio || 1);
    canvas.width = canvas.height = Math.round(side * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { size, kernel, stride, padding } = now;
    const over = found.fits ? Math.max(0, found.over) : 0;
    const scale = (side - 8) / (size + 2 * padding + over);
    const at = (pixel) => 4 + (pixel + padding) * scale;
    const box = (from, count) => [at(from), at(from), count * scale, count * scale];
    context.clearRect(0, 0, side, side);
    context.fillStyle = "#8886"; // padding: zeros
    context.fillRect(...box(-padding, size + 2 * padding));
    context.fillStyle = "#C22F4A"; // unread, until something reads it
    context.fillRect(...box(0, size));
    context.fillStyle = "#BFD7EA";
    for (const row of spans(found.read)) {
      for (const column of spans(found.read)) {
        context.fillRect(at(column[0]), at(row[0]), column[1] * scale, row[1] * scale);
      }
    }
    if (found.fits) {
      const starts = Array.from({ length: found.down }, (_, i) => i * stride - padding);
      context.strokeStyle = "#1F5FA855";
      context.lineWidth = 1;
      if (starts.length * stride * scale > 2 * starts.length) {
        for (const y of starts) {
          for (const x of starts) {
            context.strokeRect(at(x), at(y), kernel * scale, kernel * scale);
          }
        }
      }
      context.strokeStyle = "#0F3D73";
      context.lineWidth = 2;
      for (const start of [starts[0], starts[1] ?? starts[0], starts.at(-1)]) {
        context.strokeRect(at(start), at(starts[0]), kernel * scale, kernel * scale);
      }
      context.strokeRect(...box(starts.at(-1), kernel));
      if (over > 0) { // the window that hangs over, as the authors' code has it
        context.setLineDash([4, 3]);
        context.strokeStyle = "#B4602A";
        context.strokeRect(...box((found.up - 1) * stride - padding, kernel));
        context.setLineDash([]);
      }
    }
    canvas.ariaLabel = [...parentElement.querySelectorAll(".said p")]
      .map((one) => one.textContent).join(" ");
  }

  // Runs of neighbouring numbers: [first, count].
  function spans(numbers) {
    const found = [];
    for (const one of [...numbers].sort((a, b) => a - b)) {
      const last = found.at(-1);
      if (last && last[0] + last[1] === one) last[1] += 1;
      else found.push([one, 1]);
    }
    return found;
  }

  show();
  const observer = new ResizeObserver(show);
  observer.observe(find("section"));
  return () => observer.disconnect();
}
