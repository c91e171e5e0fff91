// A network's drawing with a button on each layer: by mouse, touch or Tab and Enter.
// data: drawings [{svg, width, height, places: [[name, left, top, width, height]]}],
//       selected, alt, label, tip (a sentence with {layer}), disabled.

const observers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".frame");
  const img = parentElement.querySelector("img");
  frame.setAttribute("aria-label", data.label);
  img.alt = data.alt;
  let shown = null;

  const mark = (chosen) => {
    for (const button of frame.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.layer === chosen));
    }
  };

  const show = (drawing) => {
    shown = drawing;
    const focused = parentElement.getRootNode().activeElement?.dataset?.layer;
    for (const button of frame.querySelectorAll("button")) button.remove();
    img.src = `data:image/svg+xml,${encodeURIComponent(drawing.svg)}`;
    frame.style.maxWidth = `${1.25 * drawing.width}px`;
    for (const [name, left, top, width, height] of drawing.places) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.layer = name;
      button.disabled = data.disabled;
      button.title = name;
      button.setAttribute("aria-label", data.tip.replace("{layer}", name));
      // Percentages of the drawing, so that the button follows its size.
      button.style.left = `${(100 * left) / drawing.width}%`;
      button.style.top = `${(100 * top) / drawing.height}%`;
      button.style.width = `${(100 * width) / drawing.width}%`;
      button.style.height = `${(100 * height) / drawing.height}%`;
      button.onclick = () => {
        mark(name);
        setTriggerValue("picked", name);
      };
      frame.append(button);
      if (name === focused) button.focus();
    }
    mark(data.selected);
  };

  // The widest drawing that is not shrunk by much; on a phone the narrowest.
  const fit = () => {
    const room = parentElement.clientWidth || frame.clientWidth;
    if (!room) return;
    const best = data.drawings.find((one) => one.width <= 1.3 * room) ?? data.drawings.at(-1);
    if (best !== shown) show(best);
  };

  observers.get(parentElement)?.disconnect();
  const observer = new ResizeObserver(fit);
  observer.observe(parentElement instanceof Element ? parentElement : frame);
  observers.set(parentElement, observer);
  fit();

  return () => {
    observers.get(parentElement)?.disconnect();
    observers.delete(parentElement);
  };
}
