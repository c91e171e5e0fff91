// Says whether what one answers has reached the server, and keeps what is being typed.
// The page's own line "Saved at …" is the server's word at its last run. While something
// newer has not arrived, the document has the attribute data-unsaved (the page's style
// hides that line, from the first moment) and this component soon says so instead.
// data: scope (selector of what the question is answered with), saved (of the line), alive (whom to ask
//       whether there is a connection), draft (where to send what is typed), where
//       (which question that is), answers (stored when the page was drawn), next (the
//       number of the next one), received (our last number that the server has), checked
//       (whether a button sends the answer), differs (whether these fields hold a
//       complete answer that was not sent yet), text (sentences).
//
// A change is numbered here, and the number follows it on the same web socket: what
// comes back with that number was drawn after the change had arrived.

const EVERY = 2500; // ms between two looks whether the server is there
const PATIENCE = 3000; // ms that it may take to answer
const HOPE = 4000; // ms after which a change that has not arrived will not do so soon
const SLOW = 1500; // ms after which a change that has not arrived is said
const PAUSE = 400; // ms without a key, after which text is sent
const LONGEST = 1200; // ms for which text that is being typed waits at most
const TOUCH = 3000; // ms after a touch in which what is chosen changes by the visitor's hand
const SOON = [30, 100, 180]; // ms after a touch in which it is looked at what is chosen
const FOLLOW = 250; // ms from a change to its number: Streamlit sends the change first

const SUBMITS = '[class*="st-key-quiz_check"], [data-testid="stFormSubmitButton"]';
const DRAWING = '[data-testid="stBidiComponentRegular"], [data-testid="stBidiComponentIsolated"]';

// One for the page: questions come and go, what is not sent yet stays.
const now = () => performance.now();
const shared = (globalThis.alexnetKeeper ??= {
  number: 0, // of the last change
  unconfirmed: null, // what may not be there: {number, since, next, click} of the oldest
  waiting: new Map(), // texts that are not sent yet, by question
  lost: false, // whether there is no connection
});

const address = (where) => JSON.stringify(where);

async function ask(url, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    return await fetch(url, { cache: "no-store", signal: abort.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

// The field of a question in which one types, if the event is of one.
const typed = (event, scope) => {
  const field = event.target;
  const types = field.tagName === "TEXTAREA" || (field.tagName === "INPUT" && field.type === "text");
  return types && field.getAttribute("role") !== "combobox" && field.closest(scope) ? field : null;
};

// In the head, for a page that is drawn once more has its lines before this component.
// Of a change that is on its way nothing is said yet, and nothing moves.
function hide(line) {
  if (shared.style) return;
  shared.style = document.createElement("style");
  shared.style.textContent =
    `html[data-unsaved] ${line} { display: none; } ` +
    `html[data-unsaved="sent"] ${line} { display: flex; } ` +
    // Streamlit's captions say of themselves that they are visible.
    `html[data-unsaved="sent"] ${line} * { visibility: hidden !important; }`;
  document.head.append(shared.style);
}

class Keeper {
  constructor(parent) {
    this.box = parent.querySelector(".keeper");
    this.said = parent.querySelector(".said");
    this.icon = parent.querySelector(".icon");
    this.again = false; // a click did not arrive
    this.listeners = [];
    this.on(document, "change", (event) => this.changed(event));
    this.on(document, "click", (event) => this.clicked(event));
    this.on(document, "pointerdown", (event) => this.touches(event));
    this.on(document, "pointerup", (event) => this.touches(event));
    this.on(document, "keydown", (event) => this.touches(event));
    this.on(document, "keydown", (event) => this.pressed(event));
    this.on(document, "input", (event) => this.types(event));
    this.on(window, "online", () => this.look());
    this.on(window, "offline", () => this.turn(true));
    this.ticks = setInterval(() => this.tick(), 250);
    this.looks = setInterval(() => document.hidden || this.look(), EVERY);
    if (navigator.onLine === false) this.turn(true);
  }

  on(target, name, hear) {
    target.addEventListener(name, hear, true);
    this.listeners.push(() => target.removeEventListener(name, hear, true));
  }

  end() {
    this.listeners.forEach((stop) => stop());
    clearInterval(this.ticks);
    clearInterval(this.looks);
    // After a reconnect the page is drawn once more, this component last: what is owed
    // stays hidden until its number has come back.
    if (!shared.unconfirmed) delete document.documentElement.dataset.unsaved;
  }

  draw(data, set) {
    const before = this.data;
    this.data = data;
    this.set = set;
    hide(data.saved);
    shared.number = Math.max(shared.number, data.received);
    if (before && address(before.where) !== address(data.where)) {
      this.again = false;
      this.touched = 0;
    }
    if (before && before.next !== data.next) this.again = false;
    if (shared.unconfirmed && data.received >= shared.unconfirmed.number) {
      const { click, next } = shared.unconfirmed;
      // It came back without the response: the web socket was closed, and the click is gone.
      this.again = Boolean(click) && next === data.next;
      shared.unconfirmed = null;
      // It has come to a new session, which was told the value and not that it changed.
      this.owe(data.differs && !click ? address(data.where) : "");
      this.turn(false);
    } else if (!shared.unconfirmed && !data.differs) this.owe("");
    this.show();
  }

  // --- what the visitor does ------------------------------------------------------

  // A text field was left: outside a form it sends what it holds.
  changed(event) {
    if (!this.data.checked && typed(event, this.data.scope)) this.count(false);
  }

  clicked(event) {
    const inside = event.target.closest?.(this.data.scope);
    if (!inside) return;
    const button = event.target.closest("button");
    if (button) {
      if (!button.disabled && button.closest(SUBMITS)) this.count(true);
    } else if (event.target.closest(DRAWING)) this.count(false);
  }

  pressed(event) {
    if (event.isComposing || event.key !== "Enter" || !this.data.checked) return;
    const field = typed(event, this.data.scope);
    if (field && field.tagName === "INPUT") this.count(true);
  }

  touches(event) {
    if (!event.target.closest?.(`${this.data.scope}, [role="listbox"]`)) return;
    this.touched = now();
    for (const soon of SOON) setTimeout(() => this.compare(), soon);
  }

  // What is chosen, as far as the page shows it. Streamlit's choices fire no events that
  // get here: they are compared while somebody is at them.
  chosen() {
    const scope = document.querySelector(this.data.scope);
    if (!scope) return this.before; // it is being drawn
    const marks = [...scope.querySelectorAll('input[type="radio"], input[type="checkbox"]')];
    const lists = [...scope.querySelectorAll('[data-testid="stSelectbox"]')];
    const words = lists.map((list) => list.textContent + (list.querySelector("input")?.value ?? ""));
    return JSON.stringify([marks.map((mark) => mark.checked), words]);
  }

  compare() {
    const chosen = this.chosen();
    if (chosen === this.before) return;
    const isTheirs = this.touched && now() - this.touched < TOUCH && !document.querySelector('[role="listbox"]');
    if (isTheirs) this.count(false);
    if (isTheirs || !this.touched || now() - this.touched >= TOUCH) this.before = chosen;
  }

  types(event) {
    const field = typed(event, this.data.scope);
    if (!field) return;
    const key = address(this.data.where);
    const before = shared.waiting.get(key);
    shared.waiting.set(key, {
      where: this.data.where,
      answers: this.data.answers,
      text: field.value,
      since: before?.since ?? now(),
      due: Math.min(now() + PAUSE, (before?.since ?? now()) + LONGEST),
    });
    this.kept = null;
    this.show();
  }

  // A change, and its number after it.
  count(click) {
    const before = shared.unconfirmed;
    // Of a click that is still on its way: the number that its own response would get.
    const next = !click && before?.click ? before.next : this.data.next;
    shared.unconfirmed = { since: before?.since ?? now(), next, click: click || before?.click };
    this.again = false;
    // The button sends what was typed; as a draft it would be taken for something newer.
    if (click) shared.waiting.delete(address(this.data.where));
    if (shared.lost) this.owe(address(this.data.where));
    this.tell();
    this.show();
  }

  tell() {
    shared.number += 1;
    const number = shared.number;
    shared.unconfirmed.number = number;
    shared.told = now();
    setTimeout(() => this.set("number", number), FOLLOW);
  }

  // --- the connection -------------------------------------------------------------

  async look() {
    if (this.looking) return;
    this.looking = true;
    try {
      const answer = await ask(this.data.alive);
      if (answer.ok) this.turn(false);
      else this.turn(true);
    } catch {
      this.turn(true);
    } finally {
      this.looking = false;
    }
  }

  turn(lost) {
    if (shared.lost === lost) return;
    shared.lost = lost;
    window.dispatchEvent(new CustomEvent("alexnet-connection", { detail: { lost } }));
    if (lost && shared.unconfirmed) this.owe(address(this.data.where));
    this.show();
  }

  // Whether what the fields hold is still owed to the server: a page that begins a new
  // session there knows by this that they are newer than what is stored.
  owe(key) {
    if ((shared.owed ?? "") === key) return;
    shared.owed = key;
    this.set("owed", key);
  }

  tick() {
    this.compare();
    if (shared.unconfirmed && now() - shared.unconfirmed.since > SLOW) {
      this.show();
      if (now() - shared.unconfirmed.since > EVERY) this.owe(address(this.data.where));
      // Of several numbers that waited for the connection not each comes back.
      if (now() - shared.told > EVERY) this.tell();
    }
    if (!this.sending) this.send();
  }

  // Sends what has been typed, one text after the other.
  async send() {
    const [key, draft] = [...shared.waiting].find(([, one]) => one.due <= now()) ?? [];
    if (!draft) return;
    this.sending = true;
    const here = key === address(this.data.where);
    if (here) draft.answers = this.data.answers;
    try {
      const answer = await ask(this.data.draft, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...draft.where, answers: String(draft.answers), text: draft.text }),
      });
      const isLast = shared.waiting.get(key) === draft;
      const said = answer.ok ? await answer.json() : {};
      if (said.away || answer.status >= 500) draft.due = now() + EVERY;
      else {
        if (isLast) shared.waiting.delete(key);
        this.turn(false);
        if (said.at && isLast && here) this.kept = { key, at: said.at };
      }
    } catch {
      draft.due = now() + EVERY;
      this.turn(true);
    } finally {
      this.sending = false;
      this.show();
    }
  }

  // --- what is said ---------------------------------------------------------------

  how() {
    const waits = [...shared.waiting.values()];
    const late = shared.unconfirmed && now() - shared.unconfirmed.since > SLOW;
    const slow = waits.some((one) => now() - one.since > LONGEST + SLOW);
    const gone = shared.unconfirmed && now() - shared.unconfirmed.since > HOPE;
    if (gone || ((shared.unconfirmed || waits.length) && shared.lost)) return "unsaved";
    if (this.again) return "again";
    if (shared.lost) return "lost";
    if (late || slow) return "waiting";
    if (waits.length) return "typing";
    if (shared.unconfirmed) return "sent";
    if (this.kept && this.kept.key === address(this.data.where)) return "kept";
    return "";
  }

  show() {
    const how = this.how();
    const at = this.kept ? new Date(1000 * this.kept.at).toLocaleTimeString("en-GB") : "";
    const sentence = how && how !== "sent" ? this.data.text[how].replace("{time}", at) : "";
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
    this.icon.textContent = !sentence ? "" : how === "kept" ? "cloud_done" : how === "typing" ? "edit" : "cloud_off";
    this.box.dataset.how = how;
    // While one types, a reader is not told of each letter.
    this.box.setAttribute("aria-live", how === "typing" || how === "kept" ? "off" : "polite");
    this.box.hidden = !sentence;
    if (how && how !== "lost" && how !== "kept") document.documentElement.dataset.unsaved = how;
    else delete document.documentElement.dataset.unsaved;
  }
}

const keepers = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let keeper = keepers.get(parentElement);
  if (!keeper) {
    keeper = new Keeper(parentElement);
    keepers.set(parentElement, keeper);
  }
  if (keeper.kept && data.answers !== keeper.data?.answers) keeper.kept = null;
  keeper.draw(data, setStateValue);
  return () => {
    keepers.get(parentElement)?.end();
    keepers.delete(parentElement);
  };
}
