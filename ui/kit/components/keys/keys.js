// Steps by the arrow keys, and R reveals; where a window presents, notes follow it.
// data: at, last (places of the step shown and of the last one), revealed, hint,
//       on, off (what the button says while the keys are on, and off), role ("read", "present" or "notes"),
//       joins (whether J does something),
//       received (the number of the last request that the server has).
// A request is absolute and numbered. Two quick presses are two steps even if the server
// receives them together, and a page drawn between them does not take the first back.

const states = new WeakMap();
const CHANNEL = "alexnet-lesson";
const OFF = "alexnet-keys-off"; // in the browser's store: this visitor wants no keys

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
};

// These use the arrow keys themselves.
const OWN_ARROWS = "input, textarea, select, [contenteditable=true], [role=slider], " +
  "[role=radio], [role=tab], [role=combobox], [role=listbox], [role=option], [role=grid]";
const TYPING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, " +
  "[contenteditable=true]";

const inside = (event, selector) =>
  event.composedPath().some((node) => node.matches && node.matches(selector));

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  parentElement.querySelector(".hint").textContent = data.hint;
  const button = parentElement.querySelector(".switch");
  const tell = (off) => {
    parentElement.querySelector(".keys").dataset.off = off ? "1" : "0";
    button.textContent = off ? data.off : data.on;
  };

  const state = states.get(parentElement) ?? { requests: data.received };
  states.set(parentElement, state);
  if (state.shown !== undefined && state.shown !== data.at) {
    // Another step: it is read from its beginning.
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  }
  state.shown = data.at;
  state.off ??= isOff();
  tell(state.off);
  button.onclick = () => {
    state.off = !state.off;
    tell(state.off);
    try {
      localStorage.setItem(OFF, state.off ? "1" : "0");
    } catch {
      // Kept for this page alone.
    }
  };
  if (data.received >= state.requests) {
    // Nothing is on its way: the page knows better, a class may have moved it.
    state.at = data.at;
    state.revealed = data.revealed;
  }
  parentElement.querySelector(".keys").dataset.at = state.at;

  const request = (at, revealed) => {
    Object.assign(state, { at, revealed });
    state.requests += 1;
    setStateValue("request", { number: state.requests, at, revealed });
  };
  const go = (place) => {
    if (place < 0 || place > data.last || place === state.at) return;
    request(place, false);
  };

  state.onkey = (event) => {
    if (state.off || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && !inside(event, OWN_ARROWS)) {
      go(state.at + step);
    } else if (event.key.toLowerCase() === "r" && !inside(event, TYPING)) {
      request(state.at, !state.revealed);
    } else if (data.joins && event.key.toLowerCase() === "j" && !inside(event, TYPING)) {
      setTriggerValue("join", 1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation(); // Streamlit's own R would run the page again
  };
  state.onstep = (message) => {
    if (data.role === "notes") go(message.data);
  };

  if (!state.listen) {
    state.listen = (event) => state.onkey(event);
    window.addEventListener("keydown", state.listen, true);
    state.channel = new BroadcastChannel(CHANNEL);
    state.channel.onmessage = (message) => state.onstep(message);
  }
  if (data.role === "present") state.channel.postMessage(data.at);

  return () => {
    const last = states.get(parentElement);
    if (last) {
      window.removeEventListener("keydown", last.listen, true);
      last.channel.close();
    }
    states.delete(parentElement);
  };
}
