// Numbers as a language writes them, for figures that compute in the browser.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const raised = (power) => `10${[...String(power)].map((x) => RAISED[x]).join("")}`;

const fillIn = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// A number to so many digits, as Python's "g" writes it: 6.2 × 10⁻¹⁰.
function general(x, digits, local) {
  if (x === 0) return local(0);
  const [mantissa, power] = x.toExponential(digits - 1).split("e").map(Number);
  if (power < -4 || power >= digits) return `${local(mantissa)} × ${raised(power)}`;
  return local(Number(x.toPrecision(digits)));
}

// How a language writes a number, with a real minus sign.
function localNumber(language) {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 20 });
  return (x) => format.format(x).replace("-", "\u2212");
}
