// Counts the seconds that are left down to none; the server's clock decides.
// data: left (seconds), text and soon (sentences with {time}), lost (said after them
//       while the keeper beside the question knows of no connection), label.

const states = new WeakMap();
const LAST_MINUTE = 60; // seconds
const LEAVE = 1.5; // seconds before the end, when a field that is typed in is left
const TELL = [300, 60, 10]; // seconds left that are said aloud

const format = (seconds) => {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return (hours ? `${hours}:${two(minutes)}` : `${minutes}`) + `:${two(whole % 60)}`;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const state = states.get(parentElement) ?? {};
  states.set(parentElement, state);
  state.end = performance.now() + 1000 * data.left;
  state.over = false;
  const clock = parentElement.querySelector(".clock");
  const said = parentElement.querySelector(".said");
  clock.setAttribute("aria-label", data.label);

  const draw = () => {
    const left = (state.end - performance.now()) / 1000;
    const soon = left <= LAST_MINUTE;
    const time = (soon ? data.soon : data.text).replace("{time}", format(left));
    const sentence = globalThis.alexnetKeeper?.lost ? `${time} ${data.lost}` : time;
    clock.classList.toggle("soon", soon);
    clock.textContent = sentence;
    const passed = TELL.find((at) => (state.before ?? Infinity) > at && left <= at);
    if (passed !== undefined && state.before !== undefined) said.textContent = sentence;
    state.before = left;
    if (left <= LEAVE && !state.left) {
      state.left = true; // what is typed is sent when its field is left
      document.activeElement?.blur?.();
    }
    if (left <= 0 && !state.over) {
      state.over = true;
      setTriggerValue("over", 1);
    }
  };
  clearInterval(state.timer);
  state.timer = setInterval(draw, 250);
  draw();

  return () => {
    clearInterval(states.get(parentElement)?.timer);
    states.delete(parentElement);
  };
}
