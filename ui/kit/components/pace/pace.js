// The presenter's clock: how long the lesson and each of its steps took, against a plan.
// data: name (what the time is kept under in this browser), steps ([{ slug, label, begins, ends }], in minutes since
//       the beginning; a step that begins and ends at once is not planned), at (the slug of the step at hand),
//       text (the sentences).
// The time is kept in the browser, so that it goes on after a reload: { began, before, spent, at, since }.
// began (when it was last started, or null), before (ms that ran before that), spent (slug -> ms),
// at and since (the step that counts now, and from when).

const states = new WeakMap();
const EVERY = 1000;

const key = (name) => `alexnet-pace-${name}`;
const nothing = () => ({ began: null, before: 0, spent: {}, at: "", since: null });
const load = (name) => {
  try {
    return { ...nothing(), ...JSON.parse(localStorage.getItem(key(name))) };
  } catch {
    return nothing();
  }
};
const save = (name, kept) => {
  try {
    localStorage.setItem(key(name), JSON.stringify(kept));
  } catch {
    // Kept for this page alone.
  }
};

const clock = (ms) => {
  const seconds = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  let state = states.get(parentElement);
  if (!state) {
    state = { kept: load(data.name), name: data.name };
    states.set(parentElement, state);
  }
  if (state.name !== data.name) Object.assign(state, { name: data.name, kept: load(data.name) });
  state.data = data;

  // What ran since the last look is the step's that was at hand.
  const settle = (now) => {
    const { kept } = state;
    if (kept.began !== null && kept.since !== null && kept.at) {
      kept.spent[kept.at] = (kept.spent[kept.at] ?? 0) + now - kept.since;
    }
    kept.since = kept.began === null ? null : now;
    kept.at = state.data.at;
    save(state.name, kept);
  };
  const elapsed = (now) => state.kept.before + (state.kept.began === null ? 0 : now - state.kept.began);
  const spent = (slug, now) => {
    const { kept } = state;
    const runs = kept.began !== null && kept.since !== null && kept.at === slug ? now - kept.since : 0;
    return (kept.spent[slug] ?? 0) + runs;
  };
  const set = (name, text) => {
    const node = find(name);
    if (node.textContent !== text) node.textContent = text;
  };

  state.draw = () => {
    const now = Date.now();
    const { steps, at, text } = state.data;
    const step = steps.find(({ slug }) => slug === at) ?? { begins: 0, ends: 0 };
    const planned = step.ends - step.begins;
    const total = Math.max(...steps.map(({ ends }) => ends));
    const time = clock(spent(at, now));
    const minutes = elapsed(now) / 60000;
    set(".elapsed", filled(text.elapsed, { time: clock(elapsed(now)), total }));
    set(".step", filled(planned ? text.step : text.unplanned, { time, minutes: planned }));
    const late = Math.floor(minutes - step.ends);
    const early = Math.floor(step.begins - minutes);
    const begun = state.kept.began !== null || state.kept.before > 0;
    set(".verdict", !begun ? text.not_begun
      : planned && late >= 1 ? filled(text.behind, { minutes: late })
        : planned && early >= 1 ? filled(text.ahead, { minutes: early }) : text.on_time);
    find(".verdict").dataset.late = begun && planned && late >= 1 ? "1" : "0";
    set(".run", state.kept.began === null ? text.start : text.stop);
    set(".reset", text.reset);
    find(".reset").disabled = !begun;
    for (const row of find("tbody").rows) row.cells[2].textContent = clock(spent(row.dataset.slug, now));
  };

  find("thead").querySelectorAll("th").forEach((cell, i) => {
    cell.textContent = [data.text.column_step, data.text.column_plan, data.text.column_took][i];
  });
  find("tbody").replaceChildren(...data.steps.map(({ slug, label, begins, ends }) => {
    const row = document.createElement("tr");
    row.dataset.slug = slug;
    if (slug === data.at) row.setAttribute("aria-current", "step");
    if (begins === ends) row.className = "out";
    row.append(...[label, begins === ends ? "–" : `${ends - begins} min`, ""].map((words) => {
      const cell = document.createElement("td");
      cell.textContent = words;
      return cell;
    }));
    return row;
  }));
  find(".table").setAttribute("aria-label", data.text.column_step);
  const row = find("[aria-current]");
  if (row) find(".table").scrollTop = row.offsetTop - 60;

  find(".run").onclick = () => {
    const now = Date.now();
    settle(now);
    const { kept } = state;
    if (kept.began === null) Object.assign(kept, { began: now, since: now });
    else Object.assign(kept, { before: elapsed(now), began: null, since: null });
    save(state.name, kept);
    state.draw();
  };
  find(".reset").onclick = () => {
    state.kept = nothing();
    settle(Date.now());
    state.draw();
  };

  settle(Date.now());
  state.draw();
  state.timer ??= setInterval(() => state.draw(), EVERY);

  return () => {
    const last = states.get(parentElement);
    if (last) clearInterval(last.timer);
    states.delete(parentElement);
  };
}
