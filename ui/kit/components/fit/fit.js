// Zooms the content of boxes of a fixed height: as large as it can be without being cut off.
// data: boxes (keys of the boxes; the content is the container of the same key and "_fit"),
//       least, most (zoom), toTheEnd (the boxes end where the window does).
// Images know the zoom as --fit, to be as high as the box at most.

const TRIES = 7; // halvings between least and most: to a hundredth
const SPARE = 2; // pixels that a height may differ by before it is measured again

const MARGIN = 8; // pixels below a box that ends where the window does
const LOWEST = 200; // pixels: so high such a box is in any case

const states = new WeakMap();

// In one window at all: smaller ones scroll, and nothing is zoomed.
const LARGE = "(min-width: 1000px) and (min-height: 560px)";

const height = (content) => content.getBoundingClientRect().height;

const zoomed = (content, zoom) => {
  content.style.zoom = zoom;
  content.style.setProperty("--fit", zoom);
};

const fits = (box, content, zoom) => {
  zoomed(content, zoom);
  return box.scrollHeight <= box.clientHeight + 1 && content.scrollWidth <= content.clientWidth + 1;
};

const fitted = (box, content, least, most) => {
  if (fits(box, content, most)) return;
  let [small, large] = [least, most];
  for (let i = 0; i < TRIES; i += 1) {
    const middle = (small + large) / 2;
    if (fits(box, content, middle)) small = middle;
    else large = middle;
  }
  zoomed(content, small);
};

const endWithWindow = (box) => {
  const room = Math.max(LOWEST, Math.floor(window.innerHeight - box.getBoundingClientRect().top - MARGIN));
  if (Math.abs(room - box.offsetHeight) > SPARE) box.style.height = `${room}px`;
};

export default function ({ data, parentElement }) {
  let state = states.get(parentElement);
  if (!state) {
    state = { known: new Map(), waits: false };
    states.set(parentElement, state);
  }
  state.data = data;

  state.look = () => {
    state.waits = false;
    for (const name of state.data.boxes) {
      const box = document.querySelector(`.st-key-${name}`);
      const content = document.querySelector(`.st-key-${name}_fit`);
      if (!box || !content) continue;
      if (!matchMedia(LARGE).matches) {
        zoomed(content, "");
        if (state.data.toTheEnd) box.style.height = "";
        state.known.delete(name);
        continue;
      }
      const isHidden = !box.clientWidth; // in a tab that is not open
      if (state.data.toTheEnd && !isHidden) endWithWindow(box);
      state.sizes.observe(box);
      state.sizes.observe(content);
      if (isHidden) continue;
      const last = state.known.get(name);
      const now = [content, box.clientWidth, box.clientHeight, height(content)];
      const same = last && now.every((value, i) => (i ? Math.abs(value - last[i]) <= SPARE : value === last[i]));
      if (same && content.style.zoom) continue;
      fitted(box, content, state.data.least, state.data.most);
      box.dataset.fitted = "1";
      state.known.set(name, [content, box.clientWidth, box.clientHeight, height(content)]);
    }
  };
  state.soon = () => {
    if (state.waits) return;
    state.waits = true;
    requestAnimationFrame(() => state.waits && state.look());
  };
  if (!state.sizes) {
    state.sizes = new ResizeObserver(() => state.soon());
    state.changes = new MutationObserver(() => state.soon());
    state.changes.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, { childList: true, subtree: true });
    state.onresize = () => state.soon();
    window.addEventListener("resize", state.onresize);
  }
  state.soon();

  return () => {
    const last = states.get(parentElement);
    if (!last) return;
    last.waits = false;
    last.sizes.disconnect();
    last.changes.disconnect();
    window.removeEventListener("resize", last.onresize);
    states.delete(parentElement);
  };
}
