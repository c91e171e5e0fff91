// A network's numbers for one image, and the sum behind each of them.
// The bytes are those of model/analysis/arithmetic.py: `pack` and `kernel_slice`.

function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = 4 + length;
  const stages = new Map();
  for (const stage of head.stages) {
    const count = stage.shape.reduce((a, b) => a * b, 1);
    if (stage.step === undefined) {
      stage.values = new Float32Array(buffer, start + stage.at, count);
    } else {
      const codes = new Uint16Array(buffer, start + stage.at, count);
      stage.values = Float32Array.from(codes, (code) => stage.low + code * stage.step);
    }
    stages.set(stage.name, stage);
  }
  return { ...head, stages };
}

// Rows, columns and channels of a stage; a dense layer is one position.
const size = (stage) => (stage.shape.length === 3 ? stage.shape : [1, 1, stage.shape[0]]);

const activate = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  softmax: (x) => x,
};

// The first row and column of the window at a position; negative: in the padding.
const corner = (stage, row, column) => [
  row * stage.stride - stage.before,
  column * stage.stride - stage.before,
];

// The channels of the input that a unit of a convolution reads: [first, count].
function channelsRead(net, stage, unit) {
  const [, , inputs] = size(net.stages.get(stage.input));
  const [, , outputs] = size(stage);
  const count = inputs / stage.groups;
  return [Math.floor(unit / (outputs / stage.groups)) * count, count];
}

// One channel of a window: kernel * kernel numbers, 0 in the padding.
function patch(net, stage, row, column, channel) {
  const before = net.stages.get(stage.input);
  const [height, width, channels] = size(before);
  const [top, left] = corner(stage, row, column);
  const found = new Float32Array(stage.kernel ** 2);
  for (let y = 0; y < stage.kernel; y += 1) {
    for (let x = 0; x < stage.kernel; x += 1) {
      const [r, c] = [top + y, left + x];
      if (r < 0 || c < 0 || r >= height || c >= width) continue;
      found[y * stage.kernel + x] = before.values[(r * width + c) * channels + channel];
    }
  }
  return found;
}

// One channel of a unit's kernel; `slice` is what `kernel_slice` sends.
function kernelOf(stage, slice, channel, count) {
  const found = new Float32Array(stage.kernel ** 2);
  for (let i = 0; i < found.length; i += 1) found[i] = slice[i * count + channel];
  return found;
}

// What each input channel adds to one position of one unit's map.
// -> {terms: [[channel, sum], ...] in the channels' order, bias, sum, value}
function convolution(net, stage, unit, slice, row, column) {
  const before = net.stages.get(stage.input);
  const [height, width, channels] = size(before);
  const [first, count] = channelsRead(net, stage, unit);
  const [top, left] = corner(stage, row, column);
  const sums = new Float64Array(count);
  for (let y = 0; y < stage.kernel; y += 1) {
    const r = top + y;
    if (r < 0 || r >= height) continue;
    for (let x = 0; x < stage.kernel; x += 1) {
      const c = left + x;
      if (c < 0 || c >= width) continue;
      const from = (r * width + c) * channels + first;
      const weights = (y * stage.kernel + x) * count;
      for (let i = 0; i < count; i += 1) {
        sums[i] += before.values[from + i] * slice[weights + i];
      }
    }
  }
  const bias = slice.at(-1);
  const sum = sums.reduce((a, b) => a + b, bias);
  const terms = Array.from(sums, (one, i) => [first + i, one]);
  return { terms, bias, sum, value: activate[stage.activation](sum) };
}

// The same of a unit of a dense layer: a term for each input.
function dense(net, stage, slice) {
  const { values } = net.stages.get(stage.input);
  const terms = Array.from(values, (value, i) => [i, value * slice[i]]);
  const bias = slice.at(-1);
  const sum = terms.reduce((a, [, term]) => a + term, bias);
  return { terms, bias, sum, value: activate[stage.activation](sum) };
}

// The window of a pooling and what comes out of it.
// -> {patch, inside (which of it lies in the input), winner (its place), value}
function pooling(net, stage, unit, row, column) {
  const [height, width] = size(net.stages.get(stage.input));
  const [top, left] = corner(stage, row, column);
  const found = patch(net, stage, row, column, unit);
  const inside = Array.from(found, (_, i) => {
    const r = top + Math.floor(i / stage.kernel);
    const c = left + (i % stage.kernel);
    return r >= 0 && c >= 0 && r < height && c < width;
  });
  const there = [...found.keys()].filter((i) => inside[i]);
  const winner = there.reduce((a, b) => (found[b] > found[a] ? b : a));
  const mean = there.reduce((a, i) => a + found[i], 0) / there.length;
  return {
    patch: found, inside, winner, value: stage.pool === "max" ? found[winner] : mean,
  };
}

// Local response normalisation: the numbers whose squares are added, and the result.
// Within a map, a window that hangs over the edge has zeros there.
function normalisation(net, stage, unit, row, column) {
  const before = net.stages.get(stage.input);
  const [height, width, channels] = size(before);
  const half = Math.floor(stage.n / 2);
  const at = (r, c, channel) => before.values[(r * width + c) * channels + channel];
  const around = [];
  if (stage.within) {
    for (let r = row - half; r <= row + half; r += 1) {
      for (let c = column - half; c <= column + half; c += 1) {
        if (r < 0 || c < 0 || r >= height || c >= width) continue;
        around.push([unit, at(r, c, unit)]);
      }
    }
  } else {
    const own = channels / stage.groups;
    const first = Math.floor(unit / own) * own;
    const last = first + own - 1;
    for (let i = Math.max(first, unit - half); i <= Math.min(last, unit + half); i += 1) {
      around.push([i, at(row, column, i)]);
    }
  }
  const value = at(row, column, unit);
  const squares = around.reduce((a, [, x]) => a + x * x, 0);
  const divisor = (stage.k + stage.alpha * squares) ** stage.beta;
  return { around, input: value, squares, divisor, value: value / divisor };
}

// A unit's own activation, as the network computed it.
function activation(stage, unit, row, column) {
  const [, width, channels] = size(stage);
  return stage.values[(row * width + column) * channels + unit];
}

// The whole map of a unit: {height, width, values}.
function mapOf(stage, unit) {
  const [height, width, channels] = size(stage);
  const values = new Float32Array(height * width);
  for (let i = 0; i < values.length; i += 1) values[i] = stage.values[i * channels + unit];
  return { height, width, values };
}

// The receptive field of a position in pixels of the image: [top, left, bottom, right],
// clipped to the image.
function receptiveField(net, stage, row, column) {
  const side = size(net.stages.get("input"))[0];
  let [top, bottom, left, right] = [row, row, column, column];
  for (let one = stage; one.input; one = net.stages.get(one.input)) {
    if (one.kernel === undefined) continue;
    [top, left] = [top, left].map((x) => x * one.stride - one.before);
    [bottom, right] = [bottom, right].map(
      (x) => x * one.stride - one.before + one.kernel - 1);
  }
  const within = (x) => Math.min(side, Math.max(0, x));
  return [within(top), within(left), within(bottom + 1), within(right + 1)];
}

// The position of the largest number of a map: [row, column].
function strongest({ width, values }) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return [Math.floor(best / width), best % width];
}

// Logits and probabilities of every class, from the probabilities of a softmax and the
// logit of one class: log p differs from the logit by the same number for all classes.
// `temperature` is what the logits are divided by before the probabilities shown.
function softmax(probabilities, unit, logit, temperature) {
  const logs = Array.from(probabilities, (p) => Math.log(Math.max(p, 1e-30)));
  const logits = logs.map((one) => one - logs[unit] + logit);
  const top = Math.max(...logits);
  const powers = logits.map((one) => Math.exp((one - top) / temperature));
  const all = powers.reduce((a, b) => a + b, 0);
  return { logits, probabilities: powers.map((one) => one / all) };
}

// Where an input of the first dense layer lies: [channel, row, column].
function flattened(stage, at) {
  const [, width, channels] = size(stage);
  const place = Math.floor(at / channels);
  return [at % channels, Math.floor(place / width), place % width];
}
