// A picture made of tiles, one of which can be chosen by mouse, touch or keyboard.
// data: 4 bytes little-endian header length, JSON header, then the PNG.
// Header: columns, count, tile [height, width], gap, order, selected, alt, label,
//         tip (a sentence with {unit}, {0}, {1}), hint, values (one list per {n}).

const states = new WeakMap();

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

  const url = URL.createObjectURL(new Blob([png], { type: "image/png" }));
  img.src = url;
  if (old.url) URL.revokeObjectURL(old.url);
  img.alt = head.alt;
  // Enlarged: every value keeps its square. Reduced: none is dropped.
  const smooth = () => {
    const reduced = img.clientWidth * devicePixelRatio < img.naturalWidth;
    img.style.imageRendering = reduced ? "auto" : "pixelated";
  };
  img.onload = smooth;
  if (old.observer) old.observer.disconnect();
  const observer = new ResizeObserver(smooth);
  observer.observe(img);

  const rows = Math.ceil(head.count / head.columns);
  const [tileHeight, tileWidth] = head.tile;
  const width = head.columns * (tileWidth + head.gap) - head.gap;
  const height = rows * (tileHeight + head.gap) - head.gap;
  // Whoever moves about by the keys meanwhile stays where they are.
  const ordered = head.order.join();
  const stays = grid.matches(":focus") && old.ordered === ordered;
  const place = stays ? old.place : Math.max(0, head.order.indexOf(head.selected));
  const state = { url, observer, ordered, place };
  states.set(parentElement, state);

  const sentence = (place) => {
    const unit = head.order[place];
    return head.tip.replace(/\{(\w+)\}/g, (_, name) =>
      name === "unit" ? unit : head.values[Number(name)][unit]);
  };

  const put = (box, place) => {
    const column = place % head.columns;
    const row = Math.floor(place / head.columns);
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
    const column = Math.min(head.columns - 1, Math.max(0, Math.floor(x / (tileWidth + head.gap))));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y / (tileHeight + head.gap))));
    const place = row * head.columns + column;
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
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: head.columns, ArrowUp: -head.columns,
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
