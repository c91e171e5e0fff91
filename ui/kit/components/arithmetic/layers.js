// What is said and drawn of one activation, for each kind of layer. `view` is the
// component's (arithmetic.js): where it is, and the network's numbers.

const STRONGEST = 2; // terms shown of each sign, where there are more than THREE
const INPUTS = 5; // of a dense layer, of each sign

function drawConvolution(view) {
  const { stage, at, net, words } = view;
  const found = convolution(net, stage, at.unit, view.slice, at.row, at.column);
  const [first, count] = channelsRead(net, stage, at.unit);
  const [shown, rest] = chosen(found.terms, STRONGEST);
  view.firstChannel = shown[0]?.[0] ?? first;
  view.channel ??= view.firstChannel;
  const squares = shown.map(([channel, sum]) => {
    const numbers = patch(net, stage, at.row, at.column, channel);
    const kernel = kernelAt(view, channel - first, count);
    return { channel, sum, numbers, kernel, products: numbers.map((x, i) => x * kernel[i]) };
  });
  const top = (name) => Math.max(...squares.flatMap((x) => Array.from(x[name], Math.abs)));
  const kernel = view.slice.subarray(0, -1).reduce((a, x) => Math.max(a, Math.abs(x)), 0);
  const tops = { numbers: top("numbers"), kernel, products: top("products") };
  const most = Math.max(...found.terms.map(([, x]) => Math.abs(x)));
  rowsOf(view, squares.length).forEach((row, i) => drawTerm(view, row, squares[i], tops, most));
  const relu = stage.activation === "relu" && found.sum < 0 ? "relu_zero" : stage.activation;
  const products = found.sum - found.bias;
  view.value = found.value;
  view.find(".sentence").textContent = fill(
    stage.input === "input" ? words.conv_first : words.conv, view.place({
      products: view.count(stage.kernel ** 2 * count), channels: view.count(count),
      added: view.number(products), bias: view.number(found.bias),
      sum: view.number(found.sum), value: view.number(found.value),
      then: fill(words[`then_${relu}`], { value: view.number(found.value) }),
    }));
  drawTotal(view, [
    ...rest.length ? [[fill(words.rest, { count: view.count(rest.length) }),
      rest.reduce((a, [, x]) => a + x, 0)]] : [],
    [words.bias, found.bias], [words.pre_activation, found.sum],
    [words[`after_${stage.activation}`], found.value],
  ]);
}

// One channel of the unit's kernel, the same array as long as the unit is.
function kernelAt(view, channel, count) {
  if (view.kernelsOf !== view.slice) [view.kernelsOf, view.kernels] = [view.slice, new Map()];
  if (!view.kernels.has(channel)) {
    view.kernels.set(channel, kernelOf(view.stage, view.slice, channel, count));
  }
  return view.kernels.get(channel);
}

function drawDense(view) {
  const { stage, at, net, words, input } = view;
  const found = dense(net, stage, view.slice);
  const [shown, rest] = chosen(found.terms, INPUTS);
  const most = Math.max(...shown.map(([, x]) => Math.abs(x)));
  rowsOf(view, shown.length).forEach((row, i) => {
    const [place, product] = shown[i];
    const isMap = input.shape.length === 3;
    const [channel, r, c] = isMap ? flattened(input, place) : [place, 0, 0];
    const name = fill(isMap ? words.input_place : words.input_unit, {
      input: input.name, channel, row: r + 1, column: c + 1,
    });
    const text = fill(words.line, {
      name, value: view.number(input.values[place]), weight: view.number(view.slice[place]),
      product: view.number(product),
    });
    const go = input.name === "input" ? null : () => view.open(input.name, channel, [r, c]);
    drawLine(row, text, product, most, go);
  });
  const isLast = stage.activation === "softmax";
  const relu = stage.activation === "relu" && found.sum < 0 ? "relu_zero" : stage.activation;
  view.value = found.value;
  const spread = isLast
    ? softmax(stage.values, at.unit, found.sum, net.temperature) : null;
  const shownValue = isLast ? view.percent(spread.probabilities[at.unit]) : view.number(found.value);
  view.find(".sentence").textContent = fill(isLast ? words.softmax : words.dense, view.place({
    count: view.count(found.terms.length), added: view.number(found.sum - found.bias),
    bias: view.number(found.bias), sum: view.number(found.sum),
    name: net.classes[at.unit] ?? at.unit, value: shownValue,
    temperature: view.number(net.temperature),
    then: fill(words[`then_${relu}`], { value: view.number(found.value) }),
  }));
  drawTotal(view, [
    [fill(words.rest_inputs, { count: view.count(rest.length) }),
      rest.reduce((a, [, x]) => a + x, 0)],
    [words.bias, found.bias], [isLast ? words.logit : words.pre_activation, found.sum],
    ...isLast ? [] : [[words[`after_${stage.activation}`], found.value]],
  ]);
  if (isLast) drawClasses(view, spread);
}

function drawClasses(view, { logits, probabilities }) {
  const { net, at, words } = view;
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, 5);
  if (!order.includes(at.unit)) order.push(at.unit);
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  for (const text of [words.class, words.logit, words.probability]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    head.append(cell);
  }
  for (const unit of order) {
    const row = body.insertRow();
    row.className = unit === at.unit ? "result" : "";
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = net.classes[unit] ?? unit;
    row.append(name);
    row.insertCell().textContent = view.number(logits[unit]);
    row.insertCell().textContent = view.percent(probabilities[unit]);
  }
  view.find(".classes").replaceChildren(table);
}

function drawPooling(view) {
  const { stage, at, net, words } = view;
  const found = pooling(net, stage, at.unit, at.row, at.column);
  view.value = found.value;
  view.channel = view.firstChannel = at.unit;
  const [row] = rowsOf(view, 1);
  row.dataset.kind = "window";
  row.removeAttribute("tabindex");
  row.onkeydown = row.onfocus = row.onpointerenter = null;
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.className = "name";
  button.textContent = fill(words.input_map, { input: stage.input, channel: at.unit });
  button.onclick = () => view.follow(at.unit);
  const canvas = document.createElement("canvas");
  row.replaceChildren(button, canvas);
  const top = Math.max(...Array.from(found.patch, Math.abs));
  const isMax = stage.pool === "max";
  drawSquare(canvas, found.patch, stage.kernel, 40, top, view.short, isMax ? found.winner : null);
  canvas.role = "img";
  canvas.ariaLabel = fill(words.numbers_alt, { name: button.textContent });
  const count = found.inside.filter(Boolean).length;
  view.find(".sentence").textContent = fill(
    words[isMax ? "pool_max" : "pool_average"], view.place({
      count, value: view.number(found.value),
      winner_row: Math.floor(found.winner / stage.kernel) + 1,
      winner_column: (found.winner % stage.kernel) + 1,
    }));
  drawTotal(view, []);
}

function drawNormalisation(view) {
  const { stage, at, net, words } = view;
  const found = normalisation(net, stage, at.unit, at.row, at.column);
  view.value = found.value;
  view.channel = view.firstChannel = at.unit;
  const lines = stage.within ? [] : found.around;
  const most = Math.max(...lines.map(([, x]) => x * x), 0);
  rowsOf(view, lines.length).forEach((row, i) => {
    const [channel, x] = lines[i];
    const name = fill(words.input_map, { input: stage.input, channel });
    const text = fill(words.square, {
      name, value: view.number(x), square: view.number(x * x),
    });
    drawLine(row, text, x * x, most, () => view.open(stage.input, channel, [at.row, at.column]));
  });
  view.find(".sentence").textContent = fill(
    words[stage.within ? "normalise_within" : "normalise"], view.place({
      n: stage.n, count: found.around.length, squares: view.number(found.squares),
      k: view.number(stage.k), alpha: view.number(stage.alpha), beta: view.number(stage.beta),
      divisor: view.number(found.divisor), before: view.number(found.input),
      value: view.number(found.value),
    }));
  drawTotal(view, []);
}

function drawActivation(view) {
  const { stage, at, words } = view;
  const before = activation(view.input, at.unit, at.row, at.column);
  view.value = activate[stage.activation](before);
  view.channel = view.firstChannel = at.unit;
  rowsOf(view, 0);
  const relu = stage.activation === "relu" && before < 0 ? "relu_zero" : stage.activation;
  view.find(".sentence").textContent = fill(words.function, view.place({
    before: view.number(before),
    then: fill(words[`then_${relu}`], { value: view.number(view.value) }),
  }));
  drawTotal(view, []);
}
