// First-layer filters as a browser has them: 8 bits a weight, 127 the filter's largest.

// The bytes of lab/recordings/replay.py -> [{label, points, trace, filters}].
function unpackReplay(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = 4 + length;
  for (const { filters } of head.arms) {
    if (!filters) continue;
    const [height, width, channels, count] = filters.shape;
    const snapshots = filters.epochs.length;
    const scales = snapshots * count;
    filters.scale = new Float32Array(buffer, start + filters.at, scales);
    filters.size = height * width * channels * count;
    filters.codes = new Int8Array(
      buffer, start + filters.at + 4 * scales, snapshots * filters.size);
  }
  return head.arms;
}

// The snapshot that was the last by then: its number.
function snapshotAt(filters, x) {
  const after = filters.epochs.findIndex((epoch) => epoch > x + 1e-9);
  return (after < 0 ? filters.epochs.length : Math.max(1, after)) - 1;
}

// Draws one snapshot: a weight of zero is mid grey, as in viz/filters.py.
// order: numbers of filters; all: one scale for all filters, else each its own.
function drawFilters(canvas, filters, snapshot, { order, all = false, columns = 8, gapColour }) {
  const [height, width, channels, count] = filters.shape;
  const shown = order ?? Array.from({ length: count }, (_, i) => i);
  const rows = Math.ceil(shown.length / columns);
  const [w, h] = [columns * (width + 1) - 1, rows * (height + 1) - 1];
  const drawn = `${snapshot} ${all} ${columns} ${shown} ${gapColour}`;
  if (canvas.drawn === drawn && canvas.filters === filters) return;
  Object.assign(canvas, { drawn, filters });
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, w, h);
  const image = context.createImageData(w, h);
  const from = snapshot * filters.size;
  shown.forEach((number, place) => {
    const scale = all ? filters.scale[snapshot * count + number] / filters.tops[snapshot] : 1;
    const [top, left] = [Math.floor(place / columns) * (height + 1), (place % columns) * (width + 1)];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = 4 * ((top + y) * w + left + x);
        for (let c = 0; c < 3; c += 1) {
          const channel = channels === 1 ? 0 : c;
          const code = filters.codes[from + ((y * width + x) * channels + channel) * count + number];
          const level = Math.max(-127, Math.min(127, code * scale));
          image.data[at + c] = 128 + Math.round(level);
        }
        image.data[at + 3] = 255;
      }
    }
  });
  context.putImageData(image, 0, 0);
}

// Filters that came with the page's own data: codes in base64, each its own contrast.
function decodeFilters({ epochs, shape, codes }) {
  const bytes = Uint8Array.from(atob(codes), (x) => x.charCodeAt(0));
  const size = shape.reduce((a, b) => a * b, 1);
  return { epochs, shape, size, codes: new Int8Array(bytes.buffer) };
}
