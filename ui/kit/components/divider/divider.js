// A picture over another, which the page shows, and a divider between them: by mouse,
// finger or keyboard.
// data: seen (the address of the one right of the divider), label, left, right (what each side is
// called), value (a sentence with {percent}: how much of the width is sharp).

const STEP = 5; // per cent of the width, for one press of a key
const MIDDLE = 50;
const SWING = 20; // per cent to each side, when it moves by itself
const SWEEP = 2000; // milliseconds of that
const places = new WeakMap(); // where a visitor has left it

export default function ({ data, parentElement }) {
  const stage = parentElement.querySelector(".stage");
  const seen = stage.querySelector("img");
  if (seen.src !== data.seen) seen.src = data.seen;
  stage.querySelector(".left").textContent = data.left;
  stage.querySelector(".right").textContent = data.right;
  stage.setAttribute("aria-label", data.label);

  const show = (percent) => {
    const at = Math.min(100, Math.max(0, Math.round(percent)));
    places.set(parentElement, at);
    stage.style.setProperty("--at", `${at}%`);
    stage.setAttribute("aria-valuenow", String(at));
    stage.setAttribute("aria-valuetext", data.value.replace("{percent}", String(at)));
  };
  const isNew = !places.has(parentElement);
  show(places.get(parentElement) ?? MIDDLE);

  // It moves once by itself, so that one sees that it moves.
  let moves = isNew && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const began = performance.now();
  const sweep = (now) => {
    if (!moves || !stage.isConnected) return;
    const done = Math.min(1, Math.max(0, now - began) / SWEEP);
    show(MIDDLE + SWING * Math.sin(2 * Math.PI * done));
    if (done < 1) requestAnimationFrame(sweep);
  };
  if (moves) requestAnimationFrame(sweep);

  const touched = (percent) => {
    moves = false;
    show(percent);
  };
  const follow = (event) => {
    const { left, width } = stage.getBoundingClientRect();
    touched((100 * (event.clientX - left)) / width);
  };
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    follow(event);
  };
  stage.onpointermove = (event) => {
    if (event.pointerType === "mouse" ? event.buttons : stage.hasPointerCapture(event.pointerId)) follow(event);
  };
  stage.onkeydown = (event) => {
    const now = places.get(parentElement);
    const to = {
      ArrowLeft: now - STEP, ArrowDown: now - STEP, ArrowRight: now + STEP, ArrowUp: now + STEP,
      PageDown: now - 4 * STEP, PageUp: now + 4 * STEP, Home: 0, End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    touched(to);
  };
}
