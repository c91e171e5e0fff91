// Rows of units, each a picture that can be clicked.
// data: [{title, sign, tiles: [{picture, name, value, length, label}]}]

const part = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const SMALL = 32; // pixels a side: enlarged as squares

export default function ({ data, parentElement, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows");
  const focused = parentElement.activeElement ?? parentElement.getRootNode().activeElement;
  const kept = focused?.dataset?.place;
  rows.replaceChildren(...data.map((row, at) => {
    const section = part("section", row.sign);
    const title = part("p", "title", row.title);
    title.id = `row-${at}`;
    const list = part("ul");
    list.setAttribute("aria-labelledby", title.id);
    list.replaceChildren(...row.tiles.map((tile, index) => {
      const item = part("li");
      const button = part("button");
      button.type = "button";
      button.title = tile.label;
      button.dataset.place = `${at} ${index}`;
      button.setAttribute("aria-label", tile.label);
      if (tile.picture) {
        const picture = part("img");
        picture.alt = "";
        picture.onload = () => picture.classList.toggle("small", picture.naturalWidth <= SMALL);
        picture.src = tile.picture;
        button.append(picture);
      } else {
        button.append(part("span", "none"));
      }
      const bar = part("span", "bar");
      bar.style.width = `${Math.max(4, 100 * tile.length)}%`;
      button.append(bar, part("span", "name", tile.name), part("span", "value", tile.value));
      button.onclick = () => setTriggerValue("picked", [at, index]);
      item.append(button);
      return item;
    }));
    section.append(title, list);
    return section;
  }));
  if (kept) rows.querySelector(`[data-place="${kept}"]`)?.focus();
}
