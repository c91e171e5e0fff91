// The photograph that the network receives; over it the map that is pointed at in a
// mosaic, and the receptive field of the position.
// data: photo (base64 JPEG), colours (base64, 256 times red, green, blue), alt, and the
//       sentences field, whole, nothing; maps (or null: the mosaic's own): png (base64),
//       order, columns, tile, gap.
// Mosaics say what is pointed at by `alexnet:pointed`; `document.alexnetPointed` has
// what was said last: {unit, row, column, box, whole, side, image, tile}, or null.

const listening = new WeakMap();
const DIM = 0.75; // as viz/overlay.py lays a map over the picture

const decode = (text) => Uint8Array.from(atob(text), (x) => x.charCodeAt(0));

export default function ({ data, parentElement }) {
  const [img, canvas, mark, caption] = ["img", "canvas", ".field", "figcaption"].map((name) =>
    parentElement.querySelector(name));
  const source = `data:image/jpeg;base64,${data.photo}`;
  if (img.src !== source) img.src = source;
  img.alt = data.alt;

  const colours = decode(data.colours);
  const share = new Map(); // of red, green, blue as one number: how far along they are
  for (let i = 255; i >= 0; i -= 1) {
    const at = 3 * i;
    share.set((colours[at] << 16) | (colours[at + 1] << 8) | colours[at + 2], i / 254);
  }
  const fill = (text, values) =>
    text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // The tile's colours with as much of each as it stands for: (rows, columns).
  const heat = ({ image, tile: [left, top, width, height] }) => {
    const small = Object.assign(document.createElement("canvas"), { width, height });
    const context = small.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    context.drawImage(image, left, top, width, height, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      const [r, g, b] = pixels.data.subarray(i, i + 3);
      const part = share.get((r << 16) | (g << 8) | b) ?? 0;
      pixels.data[i + 3] = Math.round(255 * DIM * Math.min(1, part));
    }
    context.putImageData(pixels, 0, 0);
    return small;
  };

  // Maps of their own, one of which belongs to each unit of the mosaic.
  const own = listening.get(parentElement)?.maps ?? new Image();
  const sheet = data.maps && `data:image/png;base64,${data.maps.png}`;
  if (sheet && own.src !== sheet) own.src = sheet;
  const mapOf = (pointed) => {
    if (!pointed || !sheet) return pointed;
    const { order, columns, tile: [height, width], gap } = data.maps;
    const at = order.indexOf(pointed.unit);
    if (at < 0 || !own.complete || !own.naturalWidth) return null;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const tile = [column * (width + gap), row * (height + gap), width, height];
    return { ...pointed, image: own, tile };
  };

  const lay = (shown) => {
    const pointed = mapOf(shown);
    canvas.hidden = !pointed?.tile;
    if (canvas.hidden) return;
    const side = Math.round(img.clientWidth * Math.min(2, devicePixelRatio || 1)) || 224;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    context.filter = "grayscale(1)";
    context.drawImage(img, 0, 0, side, side);
    context.filter = "none";
    context.fillStyle = `rgb(0 0 0 / ${1 - DIM})`;
    context.fillRect(0, 0, side, side);
    context.imageSmoothingEnabled = true;
    context.drawImage(heat(pointed), 0, 0, side, side);
  };

  const show = () => {
    const pointed = document.alexnetPointed ?? null;
    mark.hidden = !pointed || pointed.whole;
    if (!pointed) caption.textContent = data.nothing;
    else if (pointed.whole) caption.textContent = fill(data.whole, pointed);
    else {
      const [top, left, bottom, right] = pointed.box;
      const percent = (x) => `${(100 * x) / pointed.side}%`;
      mark.style.cssText = `top:${percent(top)};left:${percent(left)};`
        + `height:${percent(bottom - top)};width:${percent(right - left)}`;
      caption.textContent = fill(data.field, {
        ...pointed, row: pointed.row + 1, column: pointed.column + 1,
        height: bottom - top, width: right - left,
      });
    }
    if (img.complete && img.naturalWidth) lay(pointed);
    else img.decode().then(() => lay(document.alexnetPointed), () => {});
  };

  listening.get(parentElement)?.listens.abort();
  const listens = new AbortController();
  listening.set(parentElement, { listens, maps: own });
  own.onload = show;
  document.addEventListener("alexnet:pointed", show, { signal: listens.signal });
  show();

  return () => listening.get(parentElement)?.listens.abort();
}
