// The layers of a network, each a button with its drawing: a click, a tap, or the arrow
// keys choose one.
// data: layers [[name, title, size, svg]], selected, label.

const states = new WeakMap();
const PENDING_MS = 3000; // that the page may still say what was chosen before

export default function ({ data, parentElement, setTriggerValue }) {
  const group = parentElement.querySelector(".layers");
  const state = states.get(parentElement) ?? { picked: null, at: 0 };
  states.set(parentElement, state);
  group.setAttribute("aria-label", data.label);

  const buttons = () => [...group.children];
  const mark = (name) => {
    for (const button of buttons()) {
      const chosen = button.dataset.layer === name;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      if (!chosen || !group.clientWidth) continue;
      // Not scrollIntoView, which moves the page, too.
      const middle = button.offsetLeft + button.offsetWidth / 2 - group.offsetLeft;
      group.scrollLeft = middle - group.clientWidth / 2;
    }
  };
  const choose = (name) => {
    state.picked = name;
    state.at = performance.now();
    mark(name);
    setTriggerValue("picked", name);
  };

  const drawn = JSON.stringify(data.layers);
  if (state.drawn !== drawn) {
    state.drawn = drawn;
    group.replaceChildren(...data.layers.map(([name, title, size, svg]) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.dataset.layer = name;
      button.setAttribute("role", "radio");
      button.title = size ? `${title} · ${size}` : title;
      button.setAttribute("aria-label", title);
      const image = Object.assign(document.createElement("img"), { alt: "", draggable: false });
      image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      const text = Object.assign(document.createElement("span"), { textContent: title });
      button.append(image, text);
      return button;
    }));
  }
  group.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) choose(button.dataset.layer);
  };
  group.onkeydown = (event) => {
    const all = buttons();
    const at = all.indexOf(event.target.closest("button"));
    const next = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: all.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (!all[next]) return;
    choose(all[next].dataset.layer);
    all[next].focus({ preventScroll: true });
  };

  // What was chosen here stays marked until the page has heard of it.
  const waits = state.picked !== null && state.picked !== data.selected
    && performance.now() - state.at < PENDING_MS;
  if (!waits) {
    state.picked = null;
    mark(data.selected);
  }

  return () => states.delete(parentElement);
}
