// Before Streamlit's front end, and then beside it: what its elements lack.
// `alexnetLab` has base (the path under which the lab is served) and, by language, words
// (said when the server cannot be reached). Nothing here is needed to use the lab.

(() => {
  const html = document.documentElement;

  // --- before anything is drawn ---------------------------------------------------

  // Where the server is. Without it the front end tries below each page's own address
  // first, which is answered by 404.
  const base = new URL(alexnetLab.base, location.href).href;
  window.__streamlit ??= { BACKEND_BASE_URL: base, HOST_CONFIG_BASE_URL: base };

  // The sidebar's room: as wide as the visitor has drawn it.
  const stored = () => {
    try {
      return Number.parseInt(localStorage.getItem("sidebarWidth"), 10);
    } catch {
      return NaN; // a browser that keeps nothing
    }
  };
  const width = stored();
  if (width) html.style.setProperty("--lab-sidebar", `${Math.min(600, Math.max(200, width))}px`);
  const query = new URLSearchParams(location.search);
  if (query.get("present") === "1" || query.get("notes") === "1") html.dataset.presents = "";

  // A phone's sidebar lies over the page. It is folded away at each load, and once it
  // has led somewhere; Streamlit would remember that it was open.
  const narrow = matchMedia("(max-width: 768px)");
  try {
    for (const key of narrow.matches ? Object.keys(localStorage) : []) {
      if (key.startsWith("stSidebarCollapsed")) localStorage.removeItem(key);
    }
  } catch {
    // a browser that keeps nothing
  }
  const FOLD = '[data-testid="stSidebar"]:not([data-collapsed="true"]) [data-testid="stSidebarCollapseButton"] button';
  addEventListener("click", ({ target }) => {
    if (!narrow.matches || !target.closest?.('[data-testid="stSidebar"] a[href]')) return;
    setTimeout(() => document.querySelector(FOLD)?.click());
  });

  // Until the page is there, or used: see index.css.
  html.dataset.arrives = "";
  const arrived = () => {
    delete html.dataset.arrives;
    delete html.dataset.presents; // from now on the page itself says so
    for (const name of ["pointerdown", "keydown", "wheel"]) {
      removeEventListener(name, arrived, true);
    }
  };
  for (const name of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(name, arrived, { capture: true, passive: true });
  }

  // --- names and orders that the front end leaves out --------------------------------

  const say = (element, name, value) => {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const all = (selector, each) => document.querySelectorAll(selector).forEach(each);
  const text = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

  // The link to the page at hand.
  const links = () => {
    all('[data-testid="stSidebarNavLink"], [data-testid="stPageLink-NavLink"]', (link) => {
      if (link.pathname === location.pathname) say(link, "aria-current", "page");
      else if (link.hasAttribute("aria-current")) link.removeAttribute("aria-current");
    });
  };

  // Where a section's row is longer than the window, the page at hand is in view.
  let section = null;
  const row = () => {
    const at = document.querySelector('.st-key-section [aria-current="page"]');
    if (!at || at === section) return;
    section = at;
    const box = at.closest(".st-key-section");
    const [whole, own] = [box.getBoundingClientRect(), at.getBoundingClientRect()];
    if (own.right > whole.right || own.left < whole.left) {
      box.scrollLeft += (own.left + own.right - whole.left - whole.right) / 2;
    }
  };

  // All bars are called "progress".
  const bars = () => {
    all('[data-testid="stProgress"]', (box) => {
      const name = text(box.querySelector('[data-testid="stMarkdownContainer"]'));
      const bar = box.querySelector('[role="progressbar"]');
      if (name && bar) say(bar, "aria-label", name);
    });
  };

  // Its button has the focus, not the box round it: a group has a name.
  const uploaders = () => {
    all('[data-testid="stFileUploaderDropzone"]', (box) => say(box, "role", "group"));
  };

  // What scrolls sideways is scrolled by keys, too.
  const scrollers = () => {
    all('[data-testid="stCode"] pre, [data-testid="stTable"] > div, [data-testid="stTable"]', (box) => {
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
        say(box, "tabindex", "0");
      } else if (box.getAttribute("tabindex") === "0") {
        box.removeAttribute("tabindex");
      }
    });
  };

  // Tab leads to the one that is chosen; arrows lead to the others.
  const radios = () => {
    all('[data-testid="stButtonGroup"] [role="radiogroup"]', (group) => {
      const buttons = [...group.querySelectorAll('[role="radio"]')];
      const focused = buttons.find((one) => one === document.activeElement);
      const first = focused ?? buttons.find((one) => one.ariaChecked === "true") ?? buttons[0];
      for (const one of buttons) say(one, "tabindex", one === first ? "0" : "-1");
    });
  };

  // A chart is one picture with one sentence; its table stands below it.
  const charts = () => {
    all('[data-testid="stVegaLiteChart"]', (chart) => {
      for (const drawn of chart.querySelectorAll("svg, canvas")) say(drawn, "aria-hidden", "true");
    });
  };

  const languages = () => {
    all('[class*="st-key-lang-"]', (part) => {
      const found = part.className.match(/st-key-lang-([a-z]{2})\b/);
      if (found) say(part, "lang", found[1]);
    });
    // The menu is Streamlit's own; what stands below it is in the same language.
    const menu = document.querySelector('[data-testid="stSidebarNav"]');
    const spoken = document.querySelector('[data-testid="stSidebarUserContent"] [lang]')?.lang;
    if (menu && spoken) say(menu, "lang", spoken);
  };

  // --- what a component shows is in the address, too --------------------------------

  // Components say it by `alexnet:address`, with the name of a parameter and its value,
  // or null. Streamlit writes the address with each choice on the page: there it is put
  // back. Not at once: some browsers refuse more than a hundred changes in half a minute.
  const shown = new Map();
  let rests = 0;
  const address = () => {
    if (rests) return;
    const url = new URL(location.href);
    for (const [name, value] of shown) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  };
  document.addEventListener("alexnet:address", ({ detail: { name, value } }) => {
    shown.set(name, value);
    clearTimeout(rests);
    rests = setTimeout(() => {
      rests = 0;
      address();
      if (value === null) shown.delete(name);
    }, 200);
  });

  // --- what was clicked comes on screen --------------------------------------------

  // Parts are called st-key-look-0, -1, …: one more for each pick of the visitor's.
  let looked = "";
  const looks = () => {
    const part = document.querySelector('[class*="st-key-look-"]');
    const key = part?.className.match(/st-key-look-(\d+)/)[1] ?? looked;
    if (key === looked) return;
    const isFirst = looked === "";
    looked = key;
    if (key === "0" || (isFirst && "arrives" in html.dataset)) return;
    const whole = part.closest(".st-key-screen") ?? part; // with what it is picked from
    const scroll = () => {
      const { top, height } = whole.getBoundingClientRect();
      if (top < 40 || top > innerHeight - Math.min(height, 240)) whole.scrollIntoView({ block: "start" });
    };
    scroll();
    setTimeout(scroll, 400); // pictures above it may have come meanwhile
  };

  // --- what is said, and where the focus is ------------------------------------------

  let said = "";
  const announce = () => {
    const parts = document.querySelectorAll(".st-key-announced");
    const now = text(parts[parts.length - 1]);
    if (now === said) return;
    said = now;
    const status = document.getElementById("lab-status");
    if (status) status.textContent = now;
  };

  const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex='0']";
  let last = null;
  addEventListener("focusin", ({ target }) => {
    const path = [];
    for (let node = target; node && node !== document.body; node = node.parentElement) path.push(node);
    last = { target, path, key: path.map((x) => x.className).join(" ").match(/st-key-[\w-]+/)?.[0] };
  });
  addEventListener("focusout", ({ target, relatedTarget }) => {
    // Left for nothing, though it is still there: a click beside it. Nothing to mend.
    if (!relatedTarget && target.isConnected && !target.disabled) {
      queueMicrotask(() => {
        if (last?.target === target && target.isConnected && !target.disabled) last = null;
      });
    }
  });
  const isLost = () =>
    last && (!last.target.isConnected || last.target.disabled) &&
    (document.activeElement === document.body || document.activeElement === last.target);
  let due = 0;
  const focus = () => {
    if (!isLost() || due) return;
    const running = () =>
      document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running";
    const began = performance.now();
    const mend = () => {
      due = 0;
      if (!isLost()) return;
      if (running() && performance.now() - began < 4000) {
        due = setTimeout(mend, 100);
        return;
      }
      const again = last.key && document.querySelector(`.${CSS.escape(last.key)}`);
      const near = last.path.find(
        (node) => node !== last.target && node.isConnected && node.querySelector(FOCUSABLE),
      );
      const main = document.querySelector('[data-testid="stMain"]');
      let to = again?.querySelector(FOCUSABLE);
      // Not the whole page's first button: its heading.
      if (!to && near && main?.contains(near) && !near.querySelector("h1")) to = near.querySelector(FOCUSABLE);
      to ??= main?.querySelector("h1, h2");
      if (!to) return;
      if (!to.matches(FOCUSABLE)) to.tabIndex = -1;
      last = null;
      to.focus({ preventScroll: true });
    };
    due = setTimeout(mend, 150);
  };

  // --- the server is gone -----------------------------------------------------------

  // Streamlit tells visitors to start a script in their terminal.
  const connection = () => {
    all('[role="dialog"], [data-testid="stDialog"]', (dialog) => {
      const whole = text(dialog);
      if (!/Is Streamlit still running|Streamlit server is not responding|Cannot connect to Streamlit/.test(whole)) return;
      const spoken = document.querySelector('[data-testid="stSidebarUserContent"] [lang]')?.lang;
      const words = alexnetLab.words[spoken] ?? alexnetLab.words.en;
      for (const code of dialog.querySelectorAll('[data-testid="stCode"], pre')) code.style.display = "none";
      const walk = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (/^Connection error$/.test(node.data)) node.data = words.title;
        if (/Streamlit/.test(node.data)) node.data = words.gone;
      }
    });
  };

  // --- all of it, once for each drawing ------------------------------------------------

  let waits = false;
  let quiet = 0;
  const patch = () => {
    waits = false;
    for (const each of [links, row, bars, uploaders, scrollers, radios, charts, languages, looks, announce, focus, address, connection]) {
      each();
    }
    if ("arrives" in html.dataset) {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        const app = document.querySelector('[data-testid="stApp"]');
        // Before it is connected, and before its first run, it is not running either.
        const idle = app?.dataset.testConnectionState === "CONNECTED" &&
          app.dataset.testScriptState === "notRunning" &&
          document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]') &&
          !document.querySelector('[data-testid="stSkeleton"], [data-testid="stVegaLiteChart"]:not(.vega-embed)');
        if (idle) arrived();
        else later();
      }, 800);
    }
  };
  const later = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(patch);
  };
  addEventListener("DOMContentLoaded", () => {
    const status = document.createElement("div");
    status.id = "lab-status";
    status.setAttribute("role", "status");
    document.body.append(status);
    new MutationObserver(later).observe(document.body, {
      childList: true, subtree: true, characterData: true,
      attributes: true, attributeFilter: ["aria-checked", "disabled", "data-test-script-state"],
    });
    addEventListener("resize", later);
    later();
  });
})();
