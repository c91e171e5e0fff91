// A picture made of tiles, one of which can be chosen by mouse, touch or keyboard.
// data: 4 bytes little-endian header length, JSON header, then the PNG.
// Header: columns, count, tile [height, width], gap, order, selected, alt, label,
//         tip (a sentence with {unit}, {0}, {1}), hint, values (one list per {n}).

const states = new WeakMap();

// CSS pixels of a tile, at the least: for a mouse, and for a finger.
const POINTER = 24;
const FINGER = 30;
const SMALL = 1024; // tiles; of more than that a column could not be looked through

function read(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { head, png: bytes.subarray(4 + length) };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const { head, png } = read(data);
  const grid = parentElement.querySelector(".grid");
  const img = parentElement.querySelector("img");
  const mark = parentElement.querySelector(".mark");
  const cursor = parentElement.querySelector(".cursor");
  const tip = parentElement.querySelector(".tip");
  const old = states.get(parentElement) ?? {};

  img.alt = head.alt;
  // Enlarged: every value keeps its square. Reduced: none is dropped.
  const smooth = () => {
    const reduced = img.clientWidth * devicePixelRatio < img.naturalWidth;
    img.style.imageRendering = reduced ? "auto" : "pixelated";
  };
  img.onload = smooth;
  old.observer?.disconnect();

  const [tileHeight, tileWidth] = head.tile;
  let columns, rows, width, height;
  // In fewer columns where the window is so narrow that tiles could not be hit.
  // (4,096 units stay small: they are chosen by number.)
  const fitting = () => {
    const least = matchMedia("(pointer: coarse)").matches ? FINGER : POINTER;
    const room = grid.clientWidth;
    if (!room || head.count > SMALL || room / head.columns >= least) return head.columns;
    return Math.max(1, Math.floor(room / least));
  };
  // A visitor who moves by the keys meanwhile stays at the same tile.
  const ordered = head.order.join();
  const stays = grid.matches(":focus") && old.ordered === ordered;
  const place = stays ? old.place : Math.max(0, head.order.indexOf(head.selected));
  const state = { ordered, place, url: old.url };
  states.set(parentElement, state);

  const showPicture = (blob) => {
    if (states.get(parentElement) !== state) return; // a later drawing was quicker
    const url = URL.createObjectURL(blob);
    img.src = url;
    if (state.url) URL.revokeObjectURL(state.url);
    state.url = url;
  };
  const whole = new Blob([png], { type: "image/png" });
  const lay = () => {
    const wanted = fitting();
    if (wanted === columns) return;
    columns = wanted;
    rows = Math.ceil(head.count / columns);
    width = columns * (tileWidth + head.gap) - head.gap;
    height = rows * (tileHeight + head.gap) - head.gap;
    // Its room is known before it is decoded: nothing below it moves.
    img.width = width;
    img.height = height;
    if (columns === head.columns) {
      showPicture(whole);
      return;
    }
    createImageBitmap(whole).then((bitmap) => {
      if (columns !== wanted) return;
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      for (let at = 0; at < head.count; at += 1) {
        context.drawImage(
          bitmap,
          (at % head.columns) * (tileWidth + head.gap),
          Math.floor(at / head.columns) * (tileHeight + head.gap),
          tileWidth, tileHeight,
          (at % columns) * (tileWidth + head.gap),
          Math.floor(at / columns) * (tileHeight + head.gap),
          tileWidth, tileHeight,
        );
      }
      canvas.toBlob(showPicture);
    });
  };
  lay();

  const sentence = (place) => {
    const unit = head.order[place];
    return head.tip.replace(/\{(\w+)\}/g, (_, name) =>
      name === "unit" ? unit : head.values[Number(name)][unit]);
  };

  const put = (box, place) => {
    const column = place % columns;
    const row = Math.floor(place / columns);
    // Percentages of the picture, so that the box follows its size.
    box.style.left = `${(100 * column * (tileWidth + head.gap)) / width}%`;
    box.style.top = `${(100 * row * (tileHeight + head.gap)) / height}%`;
    box.style.width = `${(100 * tileWidth) / width}%`;
    box.style.height = `${(100 * tileHeight) / height}%`;
    box.hidden = false;
  };

  const tell = (place) => {
    tip.textContent = sentence(place);
    grid.setAttribute("aria-valuenow", String(place));
    grid.setAttribute("aria-valuetext", sentence(place));
  };

  const rest = () => {
    cursor.hidden = true;
    tell(Math.max(0, head.order.indexOf(head.selected)));
    if (head.selected === null) tip.textContent = head.hint;
  };

  const placeAt = (event) => {
    const box = grid.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x / (tileWidth + head.gap))));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y / (tileHeight + head.gap))));
    const place = row * columns + column;
    return place < head.count ? place : null;
  };

  const choose = (place) => {
    state.place = place;
    put(mark, place);
    setTriggerValue("picked", head.order[place]);
  };

  grid.setAttribute("aria-label", head.label);
  grid.setAttribute("aria-valuemax", String(head.count - 1));
  if (head.selected === null) mark.hidden = true;
  else put(mark, head.order.indexOf(head.selected));
  rest();
  if (stays && head.order[place] !== head.selected) {
    put(cursor, place);
    tell(place);
  }

  const observer = new ResizeObserver(() => {
    const before = columns;
    lay();
    smooth();
    if (before === columns) return;
    if (head.selected !== null) put(mark, head.order.indexOf(head.selected));
    cursor.hidden = true;
  });
  observer.observe(grid);
  state.observer = observer;

  grid.onpointermove = (event) => {
    const place = placeAt(event);
    if (place === null) return rest();
    put(cursor, place);
    tell(place);
  };
  grid.onpointerleave = rest;
  grid.onblur = rest;
  grid.onclick = (event) => {
    const place = placeAt(event);
    if (place !== null) choose(place);
  };
  grid.onkeydown = (event) => {
    const step = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns,
    }[event.key];
    if (step !== undefined) {
      const next = state.place + step;
      if (next >= 0 && next < head.count) state.place = next;
      put(cursor, state.place);
      tell(state.place);
    } else if (event.key === "Home" || event.key === "End") {
      state.place = event.key === "Home" ? 0 : head.count - 1;
      put(cursor, state.place);
      tell(state.place);
    } else if (event.key === "Enter" || event.key === " ") {
      choose(state.place);
    } else {
      return;
    }
    event.preventDefault();
  };

  return () => {
    const last = states.get(parentElement);
    if (last) {
      URL.revokeObjectURL(last.url);
      last.observer.disconnect();
    }
    states.delete(parentElement);
  };
}
