// Follows a class: asks the server where it is, and is answered when it moves.
// data: url (whom to ask), class (id), version (that the page shows), at (where the page is), step (the
//       class's), page (the address that the class was brought to; empty: it is at its step), pages (name -> title),
//       steps (slug -> [number, title]), text (the sentences below),
//       mode (the visitor's part), moves (whether the page runs again when the class moves), leads (whether
//             the class goes where the page is), button (what it sends: "back", "test" or nothing),
//       open (whether the page takes the class for open), together (whether the class
//             does something together, on a page of its own), follows (whether the visitor
//             follows in the lesson: for the instructor), pause (seconds without a
//             question after which the page runs first: who is here may be another).
// A page in the background asks now and then, and moves when it is looked at again.
// It hears of tests, too: of an open one while it is, of a result until it was seen; and
// of the concept inventory while it can be taken. The quiz shows all of them itself.

const HIDDEN = 10000; // ms between two questions of a page in the background
const LATE = 4000; // ms after which a page that should have run again is asked once more
const OWN = 600; // ms that a leader's page has to show a step of its own
const LONGEST = 15000; // ms between two tries without a connection

const states = new WeakMap();

// What this tab knows of the tests of a class: id -> how it stands, "unread" among them.
const remembered = (id) => {
  try {
    return JSON.parse(sessionStorage.getItem(`alexnet-tests-${id}`)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing
  }
};
const remember = (id, known) => {
  try {
    sessionStorage.setItem(`alexnet-tests-${id}`, JSON.stringify(known));
  } catch {
    // It hears of a result at once, or not at all.
  }
};

const jittered = (ms) => ms * (0.5 + Math.random());

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".follow");
  const said = parentElement.querySelector(".said");
  const back = parentElement.querySelector(".back");
  const tests = parentElement.querySelector(".tests");
  const who = parentElement.querySelector(".who");
  const not = parentElement.querySelector(".not");

  let state = states.get(parentElement);
  const isNew = !state;
  if (isNew) {
    state = { known: data.version, step: data.step, page: data.page, together: data.together, failures: 0, alive: true, news: "", tests: [], inventory: "", asked: Date.now() };
    states.set(parentElement, state);
  }
  const before = state.data;
  state.data = data;
  if (before && before.class !== data.class) Object.assign(state, { news: "", tests: [], inventory: "" });
  // What was begun or handed in there changes how it stands.
  if (before && before.at !== data.at && ["quiz", "inventory"].includes(before.at)) state.news = "0";
  if (!before || before.class !== data.class || data.version >= state.known) {
    state.known = data.version; // the page knows what we know, or more
    state.step = data.step;
    state.page = data.page;
    state.together = data.together;
  }

  state.draw = () => {
    const { moves, button, text, steps, pages } = state.data;
    const [number, title] = steps[state.step] ?? ["", state.step];
    const beside = pages[state.page.split("?")[0]];
    const step = (words) => words.replaceAll("{number}", number).replaceAll("{title}", title);
    // Where the class is, if the sentence is about that.
    const there = (words) => (beside && words.includes("{title}") ? text.at_page.replaceAll("{title}", beside) : step(words));
    const lost = state.failures > 0;
    const isApart = state.together && button === "back";
    const sentence = lost ? text.lost : isApart ? text.together : there(text.sentence);
    if (said.textContent !== sentence) said.textContent = sentence;
    box.dataset.moves = moves ? "1" : "0";
    box.dataset.lost = lost ? "1" : "0";
    state.drawTests();
    back.hidden = !button || (button === "test" && tests.childElementCount > 0);
    back.textContent = text.button;
    who.hidden = !text.who;
    parentElement.querySelector(".name").textContent = text.who;
    not.textContent = text.not;
  };

  // Those that are open, results that were not looked at yet, and the inventory.
  state.drawTests = () => {
    const { text } = state.data;
    const known = remembered(data.class);
    const shown = state.data.at === "quiz"
      ? []
      : state.tests.filter((test) => ["open", "running"].includes(test.state) || known[test.id] === "unread");
    const said = shown.map((test) => ["test", text[`test_${test.state}`].replaceAll("{title}", test.title)]);
    if (state.inventory && !["quiz", "inventory"].includes(state.data.at)) said.push(["inventory", text[`inventory_${state.inventory}`]]);
    if (tests.dataset.said === JSON.stringify(said)) return;
    tests.dataset.said = JSON.stringify(said);
    tests.replaceChildren(...said.map(([page, sentence]) => {
      const line = document.createElement("span");
      line.className = "test";
      const go = document.createElement("button");
      go.type = "button";
      go.className = "go";
      go.textContent = text.to_test;
      go.onclick = () => setTriggerValue(page, 1);
      line.append(sentence, " ", go);
      return line;
    }));
  };

  state.hear = (found) => {
    state.tests = found;
    const known = remembered(data.class);
    const now = {};
    for (const { id, state: stands } of found) {
      const before = known[id];
      const isNew = stands === "results" && before && before !== "results";
      now[id] = isNew ? "unread" : stands;
      if (state.data.at === "quiz" && stands === "results") now[id] = "results";
    }
    remember(data.class, now);
  };
  if (data.at === "quiz") {
    const known = remembered(data.class);
    for (const id of Object.keys(known)) if (known[id] === "unread") known[id] = "results";
    remember(data.class, known);
  }

  back.onclick = () => setTriggerValue(state.data.button, 1);
  not.onclick = () => setTriggerValue("who", 1);

  const isBehind = () => state.known !== state.data.version;

  // Runs the page again if it shows another position than the class's.
  state.catchUp = () => {
    if (!state.data.moves || document.hidden || !isBehind()) return false;
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
      news: state.news,
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
      if (Date.now() - state.asked > 1000 * state.data.pause) {
        // The machine has slept, and so has this page.
        state.asked = Date.now();
        setTriggerValue("moved", -1);
        await pause(LATE);
        continue;
      }
      state.asked = Date.now();
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
      if (now === "refused" || (now && now.open !== state.data.open)) {
        // Closed, opened again, deleted, or left: the page finds out which.
        setTriggerValue("moved", -1);
        await pause(jittered(LONGEST));
        continue;
      }
      if (now) {
        state.known = now.version;
        state.step = now.step;
        state.page = now.page;
        state.together = now.together;
        if (now.tests) {
          state.news = now.news;
          state.inventory = now.inventory;
          state.hear(now.tests);
        }
      }
      state.draw();
      // The class tells of a leader's step before the page with that step is here.
      if (state.data.leads && isBehind()) await pause(OWN);
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
