// Follows a class: asks the server where it is, and is answered when it moves.
// data: url (whom to ask), class (id), version (that the page shows), at (where the page is), step (the
//       class's), steps (slug -> [number, title]), text (the sentences below),
//       mode: "follows" runs the page again when the class moves, "leads" too (another
//             window of the instructor's may have moved it), "wanders" and "aside" say
//             where the class is and offer the way back,
//       follows (whether the visitor follows in the lesson: for the instructor).
// A page in the background asks now and then, and moves when it is looked at again.

const HIDDEN = 10000; // ms between two questions of a page in the background
const LATE = 4000; // ms after which a page that should have run again is asked once more
const OWN = 600; // ms that a leader's page has to show a step of its own
const LONGEST = 15000; // ms between two tries without a connection

const states = new WeakMap();

const jittered = (ms) => ms * (0.5 + Math.random());

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".follow");
  const said = parentElement.querySelector(".said");
  const back = parentElement.querySelector(".back");

  let state = states.get(parentElement);
  const isNew = !state;
  if (isNew) {
    state = { known: data.version, step: data.step, failures: 0, alive: true };
    states.set(parentElement, state);
  }
  const before = state.data;
  state.data = data;
  if (!before || before.class !== data.class || data.version >= state.known) {
    state.known = data.version; // the page knows what we know, or more
    state.step = data.step;
  }

  const moves = () => state.data.mode === "follows" || state.data.mode === "leads";

  state.draw = () => {
    const { mode, text, steps } = state.data;
    const [number, title] = steps[state.step] ?? ["", state.step];
    const there = (words) => words.replaceAll("{number}", number).replaceAll("{title}", title);
    const lost = state.failures > 0;
    const sentence = lost ? text.lost : there(text[mode]);
    if (said.textContent !== sentence) said.textContent = sentence;
    box.dataset.mode = mode;
    box.dataset.lost = lost ? "1" : "0";
    back.hidden = moves();
    back.textContent = text.back;
  };
  back.onclick = () => setTriggerValue("back", 1);

  const isBehind = () => state.known !== state.data.version;

  // Runs the page again if it shows another moment than the class's.
  state.catchUp = () => {
    if (!moves() || document.hidden || !isBehind()) return false;
    setTriggerValue("moved", state.known);
    return true;
  };

  const pause = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      state.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  state.ask = async () => {
    const { data } = state;
    const query = new URLSearchParams({
      class: data.class,
      version: state.known,
      at: data.at,
      follows: data.follows ? 1 : 0,
      wait: document.hidden ? 0 : 1,
    });
    state.abort = new AbortController();
    const answer = await fetch(`${data.url}?${query}`, {
      signal: state.abort.signal,
      cache: "no-store",
    });
    if (answer.status === 403) return "refused";
    if (answer.status === 204) return null;
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  };

  state.loop = async () => {
    while (state.alive) {
      let now;
      try {
        now = await state.ask();
        state.failures = 0;
      } catch (error) {
        if (!state.alive) return;
        if (error.name === "AbortError") continue; // there is something new to say
        state.failures += 1;
        state.draw();
        await pause(jittered(Math.min(500 * 2 ** state.failures, LONGEST)));
        continue;
      }
      if (now === "refused" || (now && !now.open)) {
        // Closed, deleted, or left: the page finds out which.
        setTriggerValue("moved", -1);
        await pause(jittered(LONGEST));
        continue;
      }
      if (now) {
        state.known = now.version;
        state.step = now.step;
      }
      state.draw();
      // The class tells of a leader's step before the page with that step is here.
      if (state.data.mode === "leads" && isBehind()) await pause(OWN);
      if (state.catchUp()) await pause(LATE); // until the page has run
      else if (document.hidden) await pause(jittered(HIDDEN));
    }
  };

  state.draw();
  if (isNew) {
    state.onshown = () => {
      if (document.hidden) return;
      state.catchUp();
      state.wake?.();
    };
    document.addEventListener("visibilitychange", state.onshown);
    state.loop();
  } else if (before.at !== data.at || before.mode !== data.mode || before.class !== data.class) {
    // The class's instructor sees at once where this page is.
    if (state.wake) state.wake();
    state.abort?.abort();
  } else if (before.version !== data.version) {
    state.wake?.();
  }

  return () => {
    const last = states.get(parentElement);
    if (!last) return;
    last.alive = false;
    last.abort?.abort();
    last.wake?.();
    document.removeEventListener("visibilitychange", last.onshown);
    states.delete(parentElement);
  };
}
