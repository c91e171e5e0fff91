// Canvases of the component: the photograph, a map, a square of a window.

const RED = [192, 57, 43];
const BLUE = [46, 109, 180];

// As sharp as the screen: a bitmap of the size at which it is shown.
function fit(canvas, width, height) {
  const scale = Math.min(3, devicePixelRatio || 1);
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

function bitmap(width, height, colourAt) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const [r, g, b] = colourAt(i);
    image.data.set([r, g, b, 255], 4 * i);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The image that the network receives, in its own colours.
function photograph(net) {
  const { shape, values } = net.stages.get("input");
  const [height, width, channels] = shape;
  const { mean, deviation, order } = net.pixels;
  const at = order === "BGR" ? [2, 1, 0] : [0, channels > 1 ? 1 : 0, channels > 1 ? 2 : 0];
  return bitmap(width, height, (i) =>
    at.map((channel, colour) => {
      const place = Math.min(colour, mean.length - 1);
      return values[i * channels + channel] * deviation[place] + mean[place];
    }));
}

// A map in the colours of the mosaics: `colours` are 256 times red, green, blue.
function mapPicture({ width, height, values }, colours) {
  let [low, high] = [0, 0];
  for (const x of values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  const signed = low < 0;
  const top = Math.max(high, -low) || 1;
  const lut = signed ? colours.diverging : colours.viridis;
  return bitmap(width, height, (i) => {
    const part = signed ? 0.5 + values[i] / top / 2 : values[i] / top;
    const at = 3 * Math.round(255 * part);
    return [lut[at], lut[at + 1], lut[at + 2]];
  });
}

// A picture, `side` pixels wide; positions after `painted` are greyed.
function drawPicture(canvas, picture, side, smooth, painted) {
  const drawn = `${side} ${painted}`;
  if (canvas.picture === picture && canvas.drawn === drawn) return;
  Object.assign(canvas, { picture, drawn });
  const context = fit(canvas, side, side);
  const scale = side / picture.width;
  context.imageSmoothingEnabled = smooth;
  context.drawImage(picture, 0, 0, side, (side * picture.height) / picture.width);
  if (!painted) return;
  const [row, column] = painted;
  context.fillStyle = "rgb(128 128 128)";
  context.fillRect((column + 1) * scale, row * scale, side, scale + 0.5);
  context.fillRect(0, (row + 1) * scale, side, side);
}

// A frame over a picture; the box, [top, left, bottom, right], in the picture's pixels.
function placeFrame(mark, box, picture) {
  mark.hidden = !box;
  if (!box) return;
  const [top, left, bottom, right] = box.map((x) => (100 * x) / picture.width);
  mark.style.cssText =
    `top:${top}%;left:${left}%;height:${bottom - top}%;width:${right - left}%`;
}

// Red for what is above zero, blue for what is below, white for zero; numbers where
// there is room for them. `marked` is the cell under the pointer, or none.
function drawSquare(canvas, values, kernel, cell, top, format, marked) {
  const side = kernel * cell;
  const drawn = `${cell} ${top} ${marked}`;
  if (canvas.values === values && canvas.drawn === drawn) return;
  Object.assign(canvas, { values, drawn });
  canvas.style.width = canvas.style.height = `${side}px`;
  const context = fit(canvas, side, side);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.floor(cell * 0.34)}px sans-serif`;
  for (let i = 0; i < values.length; i += 1) {
    const part = Math.min(1, Math.abs(values[i]) / (top || 1));
    const colour = values[i] > 0 ? RED : BLUE;
    const [x, y] = [(i % kernel) * cell, Math.floor(i / kernel) * cell];
    const [r, g, b] = colour.map((one) => Math.round(255 + (one - 255) * part));
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.fillRect(x, y, cell, cell);
    if (cell < 27) continue;
    context.fillStyle = part > 0.6 ? "#fff" : "#111";
    context.fillText(format(values[i]), x + cell / 2, y + cell / 2, cell - 2);
  }
  if (marked !== undefined && marked !== null) {
    const [y, x] = [Math.floor(marked / kernel), marked % kernel];
    context.lineWidth = 2;
    context.strokeStyle = "#000";
    context.strokeRect(x * cell + 1, y * cell + 1, cell - 2, cell - 2);
  }
}
