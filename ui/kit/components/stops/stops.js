// A slider with few stops; what belongs to each was computed before, and is shown at once.
// data: label, names (of the rows), stops [{value, rows, sentence}], opens (number),
//       language.

const chosen = new WeakMap();

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const input = find("input");
  const last = data.stops.length - 1;
  find("section").lang = data.language;
  find(".name").textContent = data.label;
  input.max = last;
  input.ariaLabel = data.label;
  input.value = Math.min(last, chosen.get(parentElement) ?? data.opens);

  function show() {
    const stop = data.stops[Number(input.value)];
    chosen.set(parentElement, Number(input.value));
    find(".value").textContent = input.ariaValueText = stop.value;
    find("dl").replaceChildren(...data.names.flatMap((name, i) => [
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: stop.rows[i] }),
    ]));
    find(".sentence").textContent = stop.sentence;
    find("section").dataset.stop = input.value;
  }

  input.oninput = show;
  show();
}
