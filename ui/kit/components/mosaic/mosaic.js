// A picture made of tiles, one of which can be chosen by mouse, touch or keyboard.
// data: lengths of header and numbers (4 bytes each, little-endian), JSON header, its
//         arrays' numbers (32-bit floats), then the PNG.
// Header: columns, count, tile [height, width], gap, order, selected, alt, label, title,
//         tip (a sentence with {unit}, {0}, {1}), hint, language, values (for each {n}
//         a list of texts, or numbers and their form), fields and room (or null), as
//         ui/kit/components/mosaic.py says.

const states = new WeakMap();

// CSS pixels of a tile, at the least: for a mouse, and for a finger.
const POINTER = 24;
const FINGER = 30;
const SMALL = 1024; // tiles; of more than that a column could not be looked through
const EDGE = 4; // pixels round the picture, for the mark of a tile at its edge
const BAR = 14; // of a scroll bar
const LOWEST = 160; // pixels of height
const MARGIN = 10; // left free at the foot of the window

function read(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = 8 + view.getUint32(0, true);
  const picture = numbers + view.getUint32(4, true);
  const floats = new Float32Array(bytes.slice(numbers, picture).buffer);
  const whole = (_, value) => (value?.floats
    ? floats.subarray(value.floats[0], value.floats[0] + value.floats[1]) : value);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, numbers)), whole);
  return { head, png: bytes.subarray(picture) };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const { head, png } = read(data);
  const frame = parentElement.querySelector(".frame");
  const view = parentElement.querySelector(".view");
  const grid = parentElement.querySelector(".grid");
  const img = parentElement.querySelector("img");
  const mark = parentElement.querySelector(".mark");
  const cursor = parentElement.querySelector(".cursor");
  const tip = parentElement.querySelector(".tip");
  const old = states.get(parentElement) ?? {};

  img.alt = head.alt;
  const title = parentElement.querySelector(".title");
  title.textContent = head.title;
  title.hidden = !head.title;
  // Enlarged: every value keeps its square. Reduced: none is dropped.
  const smooth = () => {
    const reduced = img.clientWidth * devicePixelRatio < img.naturalWidth;
    img.style.imageRendering = reduced ? "auto" : "pixelated";
  };
  img.onload = () => {
    smooth();
    if (document.alexnetPointed?.owner === parentElement) point(...pointing);
  };
  old.observer?.disconnect();

  const [tileHeight, tileWidth] = head.tile;
  let columns, rows, width, height;
  const measure = (wanted) => {
    const lines = Math.ceil(head.count / wanted);
    return [wanted * (tileWidth + head.gap) - head.gap, lines * (tileHeight + head.gap) - head.gap];
  };
  const host = parentElement.host ?? parentElement;
  const container = () => host.closest(`.st-key-${head.room.container}`) ?? host;
  // How high the picture may be, by the window and by what stands around it.
  const highest = () => {
    if (!head.room) return Infinity;
    const box = container();
    // Several stand in a container; each with its own title above it.
    const cell = head.title ? host : host.closest('[data-testid="stVerticalBlock"]') ?? host;
    const scrolled = host.closest('[data-testid="stMain"]')?.scrollTop ?? 0;
    const top = (one) => one.getBoundingClientRect().top;
    const rest = top(view) - top(cell) + tip.offsetHeight + MARGIN;
    const foot = document.querySelector('[data-testid="stBottom"]')?.offsetHeight ?? 0;
    frame.style.setProperty("--lab-top", `${top(box) + scrolled + foot}px`);
    frame.style.setProperty("--lab-rest", `${rest}px`);
    const rows = matchMedia("(max-width: 640px)").matches ? 1 : head.room.rows;
    frame.style.setProperty("--lab-rows", rows);
    // What covers a part of it for a while, as a sheet does, changes no tile's place.
    const high = (innerHeight - top(box) - scrolled - foot) / rows - rest;
    return Math.max(LOWEST, high) - 2 * EDGE;
  };
  // How many columns, and how wide they are together; 0: as wide as there is room.
  // In fewer columns where the window is so narrow that tiles could not be hit.
  // (4,096 units stay small: they are chosen by number.)
  const fitting = () => {
    const least = matchMedia("(pointer: coarse)").matches ? FINGER : POINTER;
    const room = view.clientWidth - (head.room ? 2 * EDGE : 0);
    const high = highest();
    if (room <= 0) return [head.columns, 0];
    if (high === Infinity) {
      if (head.count > SMALL || room / head.columns >= least) return [head.columns, 0];
      return [Math.max(1, Math.floor(room / least)), 0];
    }
    let [best, scale] = [1, 0];
    for (let wanted = 1; wanted <= head.count; wanted += 1) {
      const [wide, tall] = measure(wanted);
      const found = Math.min(room / wide, high / tall);
      if (found > scale) [best, scale] = [wanted, found];
    }
    if (scale * tileWidth >= POINTER || head.count > SMALL || head.room.rows > 1) {
      return [best, Math.floor(scale * measure(best)[0])];
    }
    const some = ((room - BAR) * tileWidth / least + head.gap) / (tileWidth + head.gap);
    return [Math.max(1, Math.floor(some)), room - BAR];
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
    frame.classList.toggle("fits", Boolean(head.room));
    const [wanted, wide] = fitting();
    grid.style.width = wide ? `${wide}px` : "";
    if (wanted === columns) return;
    columns = wanted;
    rows = Math.ceil(head.count / columns);
    [width, height] = measure(columns);
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

  const facts = head.values.map((list) => {
    if (Array.isArray(list)) return (unit) => list[unit];
    const { format } = new Intl.NumberFormat(head.language, list.form);
    return (unit) => format(list.of[unit]);
  });
  const sentence = (place) => {
    const unit = head.order[place];
    return head.tip.replace(/\{(\w+)\}/g, (_, name) =>
      name === "unit" ? unit : facts[Number(name)](unit));
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

  // Has the photograph beside it show a tile: the position under the pointer, or where
  // its map is largest. None: nothing is pointed at.
  let pointing = [null, null];
  const point = (place, at = null) => {
    if (!head.fields) return;
    pointing = [place, at];
    let pointed = null;
    if (place !== null) {
      const { first, step, size, side, strongest, whole, over } = head.fields;
      const across = head.fields.width;
      const unit = head.order[place];
      const best = strongest[unit];
      // A tile that is no map, as a filter is, has other positions.
      const isMap = at && across === tileWidth;
      const [row, column] = isMap ? at : [Math.floor(best / across), best % across];
      const within = (x) => Math.min(side, Math.max(0, x));
      const [top, left] = [row, column].map((x) => first + x * step);
      const box = [top, left, top + size, left + size].map(within);
      const corner = [
        (place % columns) * (tileWidth + head.gap),
        Math.floor(place / columns) * (tileHeight + head.gap),
      ];
      const isThere = over && img.complete && img.naturalWidth === width;
      const tile = isThere ? [...corner, tileWidth, tileHeight] : null;
      pointed = { owner: parentElement, unit, row, column, box, side, whole, image: img, tile };
    }
    document.alexnetPointed = pointed;
    document.dispatchEvent(new CustomEvent("alexnet:pointed"));
  };

  const tell = (place, at) => {
    point(place, at);
    tip.textContent = sentence(place);
    grid.setAttribute("aria-valuenow", String(place));
    grid.setAttribute("aria-valuetext", sentence(place));
  };

  const rest = () => {
    cursor.hidden = true;
    tell(Math.max(0, head.order.indexOf(head.selected)));
    if (head.selected !== null) return;
    tip.textContent = head.hint;
    point(null);
  };

  const placeAt = (event) => {
    const box = grid.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x / (tileWidth + head.gap))));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y / (tileHeight + head.gap))));
    const place = row * columns + column;
    if (place >= head.count) return [null];
    const inside = (at, size) => Math.min(size - 1, Math.floor(at % (size + head.gap)));
    return [place, [inside(y, tileHeight), inside(x, tileWidth)]];
  };

  const choose = (place) => {
    state.place = place;
    put(mark, place);
    point(place);
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

  // Where not all of it is seen, the tile that is chosen is.
  const reveal = () => {
    if (!head.room || head.selected === null) return;
    const [top, size, seen] = [mark.offsetTop, mark.offsetHeight, view.clientHeight];
    if (top >= view.scrollTop && top + size <= view.scrollTop + seen) return;
    view.scrollTop = top + size / 2 - seen / 2;
  };
  const again = () => {
    const before = [columns, view.clientHeight].join();
    lay();
    smooth();
    if (before === [columns, view.clientHeight].join()) return;
    if (head.selected !== null) put(mark, head.order.indexOf(head.selected));
    cursor.hidden = true;
    reveal();
  };
  const observer = new ResizeObserver(again);
  observer.observe(view);
  // What stands above it in the page may be drawn later, and push it down.
  if (head.room) for (const one of container().parentElement.parentElement.children) observer.observe(one);
  state.observer = observer;
  const resized = new AbortController();
  old.resized?.abort();
  state.resized = resized;
  if (head.room) addEventListener("resize", again, { signal: resized.signal });
  if (old.selected !== head.selected) reveal();
  state.selected = head.selected;

  grid.onpointermove = (event) => {
    const [place, at] = placeAt(event);
    if (place === null) return rest();
    put(cursor, place);
    tell(place, at);
  };
  grid.onpointerleave = rest;
  grid.onblur = rest;
  grid.onclick = (event) => {
    const [place] = placeAt(event);
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
      last.resized.abort();
    }
    states.delete(parentElement);
    if (document.alexnetPointed?.owner === parentElement) point(null);
  };
}
