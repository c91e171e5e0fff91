// Local response normalisation of five neighbouring maps at one position.
// data: activations, most, n, k, beta, alphas [{label, alpha}], words, language.

const kept = new WeakMap();

function normalised(values, { n, k, beta }, alpha) {
  const half = Math.floor(n / 2);
  return values.map((value, i) => {
    const around = values.slice(Math.max(0, i - half), i + half + 1);
    const squares = around.reduce((a, x) => a + x * x, 0);
    return value / (k + alpha * squares) ** beta;
  });
}

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const { words } = data;
  const now = kept.get(parentElement) ?? [...data.activations];
  kept.set(parentElement, now);
  const number = new Intl.NumberFormat(
    data.language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  find("section").lang = data.language;
  const sliders = now.map((_, i) => {
    const label = document.createElement("label");
    const value = document.createElement("span");
    const input = Object.assign(document.createElement("input"), {
      type: "range", min: 0, max: data.most,
      oninput: () => {
        now[i] = Number(input.value);
        show();
      },
    });
    label.append(words.map.replace("{number}", i + 1), value, input);
    return [label, input, value];
  });
  find(".sliders").replaceChildren(...sliders.map(([label]) => label));

  function show() {
    sliders.forEach(([, input, value], i) => {
      input.value = now[i];
      value.textContent = now[i];
    });
    const table = find("table");
    table.replaceChildren();
    const results = data.alphas.map(({ label, alpha }) => {
      const found = normalised(now, data, alpha);
      const row = table.insertRow();
      const head = Object.assign(document.createElement("th"), {
        scope: "row", textContent: label,
      });
      row.append(head);
      for (const one of found) row.insertCell().textContent = number.format(one);
      return found;
    });
    const middle = Math.floor(now.length / 2);
    find(".said").textContent = words.said
      .replace("{activation}", now[middle])
      .replace("{paper}", number.format(results[0][middle]))
      .replace("{code}", number.format(results[1][middle]));
  }
  show();
}
