// A picture's way through the network as one row, which plays once for each picture.
// data: id (of what is shown), label, steps [{name, title, size, src, alt, tip}] where
// src is "" while the network is loaded, classes [{text, share}], classes_title.
// A step with a name is a button: picked is that name.

const played = new Set();

const made = (tag, name, text = "") => {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const row = parentElement.querySelector(".journey");
  if (row.dataset.id === data.id) return;
  row.dataset.id = data.id;
  row.setAttribute("aria-label", data.label);
  const whole = data.steps.every((step) => step.src);
  row.classList.toggle("plays", whole && !played.has(data.id));
  if (whole) played.add(data.id);

  const items = data.steps.map((step) => {
    const item = document.createElement("li");
    const inside = step.name && step.src ? made("button", "") : made("div", "");
    if (step.src) {
      const img = made("img", step.name ? "maps" : "");
      img.src = step.src;
      img.alt = step.alt;
      img.draggable = false;
      inside.append(img);
    } else {
      inside.append(made("span", "gap"));
    }
    inside.append(made("span", "name", step.title), made("span", "size", step.size));
    if (inside.tagName === "BUTTON") {
      inside.type = "button";
      inside.title = step.tip;
      inside.onclick = () => setTriggerValue("picked", step.name);
    }
    item.append(inside);
    return item;
  });
  if (data.classes.length) {
    const item = made("li", "classes");
    for (const { text, share } of data.classes) {
      const bar = made("span", "bar", text);
      bar.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
      item.append(bar);
    }
    item.append(made("span", "name", data.classes_title));
    items.push(item);
  }
  items.forEach((item, place) => item.style.setProperty("--place", String(place)));
  row.replaceChildren(...items);
}
