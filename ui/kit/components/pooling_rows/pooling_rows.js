// Overlapping and plain pooling of a row of one's own numbers.
// data: numbers, kinds [{label, size, stride}], words, language.

const rows = new WeakMap();

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const { words, kinds } = data;
  const now = rows.get(parentElement) ?? [...data.numbers];
  rows.set(parentElement, now);
  const number = new Intl.NumberFormat(data.language, { maximumFractionDigits: 2 });
  find("section").lang = data.language;
  find(".numbers").ariaLabel = words.numbers;
  find(".numbers").replaceChildren(...now.map((value, i) => {
    const input = Object.assign(document.createElement("input"), {
      type: "number", step: "any", value,
      ariaLabel: words.number.replace("{place}", i + 1),
      oninput: () => {
        now[i] = Number(input.value) || 0;
        show();
      },
    });
    return input;
  }));

  function show() {
    const table = find("table");
    table.replaceChildren();
    const counts = kinds.map(({ label, size, stride }) => {
      const windows = [];
      for (let at = 0; at + size <= now.length; at += stride) {
        windows.push(now.slice(at, at + size));
      }
      const means = windows.map((one) => one.reduce((a, b) => a + b, 0) / size);
      for (const [kind, found] of [["max", windows.map((one) => Math.max(...one))], ["mean", means]]) {
        const row = table.insertRow();
        const head = Object.assign(document.createElement("th"), {
          scope: "row", textContent: words[kind].replace("{label}", label),
        });
        row.append(head);
        for (const value of found) {
          row.insertCell().textContent = number.format(value).replace("-", "\u2212");
        }
      }
      return windows.length;
    });
    find(".said").textContent = words.said
      .replace("{first}", counts[0]).replace("{second}", counts[1])
      .replace("{count}", now.length);
  }
  show();
}
