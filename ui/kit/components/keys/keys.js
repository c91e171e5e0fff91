// Steps by the arrow keys, Q asks the step's question, and R reveals its answer.
// data: at, last (places of the step shown and of the last one), stage (how far its question is: 0 hidden,
//       1 asked, 2 what the class answered, 3 revealed, 4 that and taken away), ask (the stage that Q makes of each), hint, on, off (what the button says while the keys are
//       on, and off), role ("read", "present" or "notes"), leads (whether a class takes steps to the other window),
//       joins (whether J does something), received (the number of the last request that the server has).
// A request is absolute and numbered. Two quick presses are two steps even if the server
// receives them together, and a page drawn between them does not take the first back.
// The window that presents and that with the notes tell each other where they went.

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
  const post = (message) => state.channel?.postMessage(message);
  const isSame = (one, other) => one && one.at === other.at && one.stage === other.stage;

  const request = (at, stage, exact) => {
    Object.assign(state, { at, stage });
    state.requests += 1;
    setStateValue("request", { number: state.requests, at, stage, exact });
  };
  const go = (place) => {
    if (place < 0 || place > data.last || place === state.at) return;
    request(place, 0, true);
    state.shared = { at: place, stage: 0 };
    post(state.shared);
  };

  state.onkey = (event) => {
    if (state.off || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const key = event.key.toLowerCase();
    if (step && !inside(event, OWN_ARROWS)) {
      go(state.at + step);
    } else if (key === "r" && !inside(event, TYPING)) {
      request(state.at, state.stage < 3 ? 3 : 0, false);
    } else if (key === "q" && data.role !== "read" && !inside(event, TYPING)) {
      request(state.at, data.ask[state.stage], true);
    } else if (data.joins && key === "j" && !inside(event, TYPING)) {
      setTriggerValue("join", 1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation(); // Streamlit's own R would run the page again
  };
  // What the other window shows is taken over; where a class is led, it takes the steps along.
  state.onmessage = (message) => {
    if (data.role === "read") return;
    if (message.hello) {
      if (data.role === "present") post({ at: state.at, stage: state.stage });
      return;
    }
    if (data.leads && message.at !== state.at) return;
    state.shared = message;
    if (isSame(message, state)) return;
    state.adopts = true;
    request(message.at, message.stage, true);
  };

  if (!state.listen) {
    state.listen = (event) => state.onkey(event);
    window.addEventListener("keydown", state.listen, true);
    state.channel = new BroadcastChannel(CHANNEL);
    state.channel.onmessage = (event) => state.onmessage(event.data);
    if (data.role === "notes") {
      state.shared = { at: data.at, stage: data.stage };
      post({ hello: true });
    }
  }
  if (data.received >= state.requests) {
    // Nothing is on its way: the page knows better, a class may have moved it.
    state.at = data.at;
    state.stage = data.stage;
    if (data.role !== "read" && !state.adopts && !isSame(state.shared, state)) post({ at: state.at, stage: state.stage });
    state.shared = { at: state.at, stage: state.stage };
    state.adopts = false;
  }
  parentElement.querySelector(".keys").dataset.at = state.at;

  return () => {
    const last = states.get(parentElement);
    if (last) {
      window.removeEventListener("keydown", last.listen, true);
      last.channel.close();
    }
    states.delete(parentElement);
  };
}
